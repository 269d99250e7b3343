/**
 * From the bytes of events and maps to values, and from values to text or JSON. Text is byte text (one character a
 * byte, to be written as Latin-1); JSON is Unicode (to be written as UTF-8).
 */

export { mergeCpus } from "./aggregate.ts";
export { addInts, asUnsigned, averageOf, compareInts, divideInts } from "./arithmetic.ts";
export { type BufferStyle, bufferText, decodeUtf8, encodeUtf8 } from "./byte-text.ts";
export {
  type DecimalExpression,
  type DecimalStyle,
  decimalDigits,
  decimalEvaluator,
  truncateDecimal,
} from "./decimal.ts";
export { type Decoder, decoder, zeroValue } from "./decode.ts";
export { type FlameGraphOptions, flameGraph } from "./flame-graph.ts";
export {
  countsStacks,
  type FoldedStack,
  FoldedSyntaxError,
  foldEntries,
  foldedText,
  mergeStacks,
  parseFolded,
} from "./folded.ts";
export {
  checkFormat,
  type FormatArgument,
  type FormatConversion,
  type FormatPart,
  parseFormat,
} from "./format.ts";
export { gfpFlagsText } from "./gfp-flags.ts";
export {
  type BucketRange,
  type HistogramRow,
  type HistogramType,
  histBucketCount,
  histBucketOf,
  histBucketRange,
  histogramRows,
  histogramText,
  histogramTotal,
  lhistBucketCount,
  lhistBucketOf,
  lhistBucketRange,
} from "./histogram.ts";
export { inetText, macText } from "./inet.ts";
export { formatJson, jsonArray, jsonByteText, jsonInt, jsonObject, jsonText } from "./json.ts";
export { type LiveRow, type MapHistory, mapHistory, SERIES_LENGTH } from "./live-history.ts";
export { type LiveState, type LiveView, livePlain, liveScreen } from "./live-screen.ts";
export { colored, type Paint, plain } from "./live-style.ts";
export type { LiveOrder } from "./live-table.ts";
export { printMapJson } from "./map-json.ts";
export { bucketOffset, type MapEntry, type MapLayout, type RawElements, readEntries } from "./map-layout.ts";
export { END_OF_RUN, keyText, type MapPrintOptions, printMapText } from "./map-text.ts";
export { type Memory, memoryOf } from "./memory.ts";
export { attachedProbesText, lostEventsText } from "./messages.ts";
export { pcapHeader, pcapRecord } from "./pcap.ts";
export { type PlainEntry, type PlainFrame, plainEntries } from "./plain-entries.ts";
export { type PprofOptions, pprof } from "./pprof.ts";
export { type PrintfArg, printfRenderer, type Renderer } from "./printf.ts";
export type { ProfileFrame, ProfileMeasure, ProfileStack, ProfileUnit } from "./profile.ts";
export {
  attachedProbesRecord,
  benchmarkResultRecord,
  helperErrorRecord,
  type JsonBucket,
  type JsonInt,
  type JsonInterval,
  type JsonPlace,
  type JsonStats,
  type JsonValue,
  jsonRecord,
  lostEventsRecord,
  type MapRecordType,
  messageRecord,
  type OutputRecord,
  type TextRecordType,
  testResultRecord,
  textRecord,
  valueRecord,
} from "./records.ts";
export {
  type BuildIdFrame,
  bareResolver,
  type Clock,
  type CodeSymbol,
  type InlinedFunction,
  type Resolver,
  type Zone,
} from "./resolver.ts";
export { shares } from "./shares.ts";
export { sortEntries, topEntries } from "./sort.ts";
export { type SpeedscopeOptions, speedscope } from "./speedscope.ts";
export { hexAddress, stackText, UNWIND_FAILURE } from "./stack.ts";
export { type LocalTime, strftime } from "./strftime.ts";
export { cutTo, fit, groupedNumber, oneLine } from "./terminal-text.ts";
export { formatText } from "./text.ts";
export { type BenchmarkResult, BenchmarkText, type TestResult, TestText } from "./trial.ts";
export {
  type EpochWindow,
  epochWindow,
  type Interval,
  intervalsIn,
  type TimeSeriesType,
  tseriesText,
} from "./tseries.ts";
export { alignOf, type RecordField, type StackMode, sizeOf, type TupleField, type ValueType } from "./type.ts";
export * from "./value.ts";
