/** One column of a row group: a page a batch, with levels that say where values are missing. */
import type { SealedColumn } from '../../tickets/batch.ts';
import type { ColumnKind } from '../../tickets/column.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import { CountValues } from './count-values.ts';
import { FlagValues } from './flag-values.ts';
import { Encoding, type Physical } from './format.ts';
import { IdValues } from './id-values.ts';
import type { PageRoom } from './page-room.ts';
import { type PageContent, Pages, type WrittenPages } from './pages.ts';
import { RealValues } from './real-values.ts';
import { writeHybrid, writeRun } from './run-length.ts';
import { TextValues } from './text-values.ts';
import type { EncodedChunk, EncodedPage, ValueEncoder } from './value-encoder.ts';
import type { Words } from './words.ts';

/** What the footer tells of a chunk. */
export interface WrittenChunk extends WrittenPages {
  readonly physical: Physical;
  readonly range: EncodedChunk['range'];
}

/** Some values at a time, as in pack.ts. */
const STEP = 256;

/** Numbers beyond 64 bits are none; the greatest double below 2^63 is this. */
const LEAST_COUNT = -(2 ** 63);
const GREATEST_COUNT = 2 ** 63 - 1024;

/** A page without any value. */
const nothing: EncodedPage = { encoding: Encoding.PLAIN, compression: 'none' };

const encoderOf = (kind: ColumnKind, words: Words, room: PageRoom): ValueEncoder => {
  switch (kind) {
    case 'text':
    case 'texts':
      return new TextValues(words, room);
    case 'id':
      return new IdValues(room);
    case 'flag':
      return new FlagValues(room);
    case 'real':
      return new RealValues();
    default:
      return new CountValues(kind === 'time', room);
  }
};

/** Is there a number, of a column that is not of reals? NaN is none, nor is one beyond 64 bits. */
const isCount = (value: number): boolean => value >= LEAST_COUNT && value <= GREATEST_COUNT;

/** Is none missing, and each a whole number? Then notes their range; nothing needs to be copied. */
const areWhole = (values: Float64Array, start: number, end: number, room: PageRoom): boolean => {
  let { least, greatest } = room;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    // NaN is not equal to itself.
    if (Math.floor(value) !== value) return false;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  room.least = least;
  room.greatest = greatest;
  return isCount(least) && isCount(greatest);
};

/**
 * Copies what is there to the room's dense values from `at` on, notes their range and the levels, and tells where the
 * next one goes.
 */
const takeCounts = (values: Float64Array, start: number, end: number, room: PageRoom, at: number): number => {
  const { dense, levels } = room;
  let { least, greatest } = room;
  let next = at;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    if (isCount(value)) {
      const whole = Math.floor(value);
      if (whole < least) least = whole;
      if (whole > greatest) greatest = whole;
      dense[next++] = whole;
      levels[i] = 1;
    } else levels[i] = 0;
  }
  room.least = least;
  room.greatest = greatest;
  return next;
};

/** The same without a range. */
const takeReals = (values: Float64Array, start: number, end: number, room: PageRoom, at: number): number => {
  const { dense, levels } = room;
  let next = at;
  for (let i = start; i < end; i++) {
    const isThere = !Number.isNaN(values[i]!);
    levels[i] = isThere ? 1 : 0;
    if (isThere) dense[next++] = values[i]!;
  }
  return next;
};

/** A list's first place repeats nothing; so does that of an empty one. */
const repetitionLevels = (offsets: Int32Array, rows: number, levels: Int32Array): number => {
  let places = 0;
  for (let row = 0; row < rows; row++) {
    levels[places++] = 0;
    for (let i = offsets[row]! + 1; i < offsets[row + 1]!; i++) levels[places++] = 1;
  }
  return places;
};

/** Only the place of an empty list has no value. */
const definitionLevels = (offsets: Int32Array, rows: number, levels: Int32Array): void => {
  let places = 0;
  for (let row = 0; row < rows; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length === 0) levels[places++] = 0;
    for (let i = 0; i < length; i++) levels[places++] = 1;
  }
};

export class ColumnChunk {
  readonly #kind: ColumnKind;
  readonly #room: PageRoom;
  readonly #encoder: ValueEncoder;
  readonly #pages = new Pages();
  /** Rows at the end in which nothing was observed; their page is written when a value follows, or the chunk ends. */
  #emptyRows = 0;

  constructor(kind: ColumnKind, words: Words, room: PageRoom) {
    this.#kind = kind;
    this.#encoder = encoderOf(kind, words, room);
    this.#room = room;
  }

  /** Bytes of its pages so far. */
  get bytes(): number {
    return this.#pages.bytes;
  }

  /** Adds the rows of a batch, in which the column may be left out. */
  add(column: SealedColumn | undefined, rows: number): void {
    if (column === undefined) {
      this.#emptyRows += rows;
      return;
    }
    this.#endEmptyRows();
    const { values, offsets } = column;
    this.#room.reserve(rows);
    this.#room.body.clear();
    if (offsets !== undefined) this.#addLists(values, offsets, rows);
    else if (values instanceof Float64Array) this.#addNumbers(values, rows);
    else this.#writePage({ rows, places: rows, missing: 0 }, 0, 0, values);
  }

  /** Appends the chunk to `out`; the next row begins another one. */
  finish(out: ByteBuffer): WrittenChunk {
    this.#endEmptyRows();
    const { dictionary, range } = this.#encoder.finish();
    return { ...this.#pages.finish(dictionary, out), physical: this.#encoder.physical, range };
  }

  #addNumbers(values: Float64Array, rows: number): void {
    const { body, levels, dense } = this.#room;
    const isWhole = this.#kind !== 'real' && this.#areWhole(values, rows);
    const count = isWhole ? rows : this.#takePresent(values, rows);
    if (count === rows) writeRun(body, 1, rows, 1);
    else writeHybrid(body, levels, rows, 1);
    this.#writePage({ rows, places: rows, missing: rows - count }, 0, body.length, isWhole ? values : dense);
  }

  #addLists(values: Float64Array | Int32Array, offsets: Int32Array, rows: number): void {
    const room = this.#room;
    const count = offsets[rows]!;
    room.reserve(rows + count);
    const { body, levels } = room;
    const places = repetitionLevels(offsets, rows, levels);
    writeHybrid(body, levels, places, 1);
    const repetitionBytes = body.length;
    definitionLevels(offsets, rows, levels);
    writeHybrid(body, levels, places, 1);
    if (values instanceof Float64Array && this.#takePresent(values, count) < count)
      throw new Error('a list of counts holds what is no count');
    const ofList = values instanceof Float64Array ? room.dense : values;
    this.#writePage({ rows, places, missing: places - count }, repetitionBytes, body.length - repetitionBytes, ofList);
  }

  #areWhole(values: Float64Array, count: number): boolean {
    const room = this.#room;
    room.clearRange();
    let start = 0;
    while (start < count && areWhole(values, start, Math.min(start + STEP, count), room)) start += STEP;
    return start >= count;
  }

  /** Takes what is there, and tells how much it is. */
  #takePresent(values: Float64Array, count: number): number {
    const room = this.#room;
    const take = this.#kind === 'real' ? takeReals : takeCounts;
    room.clearRange();
    let present = 0;
    for (let start = 0; start < count; start += STEP)
      present = take(values, start, Math.min(start + STEP, count), room, present);
    return present;
  }

  #endEmptyRows(): void {
    const rows = this.#emptyRows;
    if (rows === 0) return;
    this.#emptyRows = 0;
    const { body } = this.#room;
    this.#room.reserve(rows);
    body.clear();
    if (this.#kind === 'text' || this.#kind === 'id') {
      this.#writePage(
        { rows, places: rows, missing: 0 },
        0,
        0,
        this.#room.zeros(this.#kind === 'id' ? 2 * rows : rows),
      );
      return;
    }
    if (this.#kind === 'texts' || this.#kind === 'counts') writeRun(body, 0, rows, 1);
    const repetitionBytes = body.length;
    writeRun(body, 0, rows, 1);
    this.#writePage({ rows, places: rows, missing: rows }, repetitionBytes, body.length - repetitionBytes, none);
  }

  /** Writes the page whose levels stand in the room's body, and whose values are the first ones given. */
  #writePage(
    content: PageContent,
    repetitionBytes: number,
    definitionBytes: number,
    values: Float64Array | Int32Array,
  ): void {
    const { body } = this.#room;
    const count = content.places - content.missing;
    const encoded = count === 0 ? nothing : this.#encoder.encode(values, count, body);
    this.#pages.add(content, body.written, repetitionBytes, definitionBytes, encoded);
  }
}

const none = new Float64Array(0);
