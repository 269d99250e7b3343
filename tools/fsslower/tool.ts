/** `beetrace fsslower` */
export { ANY_SLOW as tool } from "../slow-files.ts";
