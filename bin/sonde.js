#!/usr/bin/env node
/** The program `sonde`: hands over to the built command line. */
import '../dist/cli/main.js';
