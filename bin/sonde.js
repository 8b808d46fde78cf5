#!/usr/bin/env node
/** The program `sonde`: hands over to the built command line. */
import { main } from '../dist/cli/main.js';

await main();
