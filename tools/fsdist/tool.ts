/** `beetrace fsdist` */
export { ANY_LATENCY as tool } from "../file-latency.ts";
