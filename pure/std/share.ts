const SHARE = /^(\d+(?:\.\d+)?)(%?)$/;

/** A share of the whole as people write it (`1%`, `0.01`), above 0 and at most 1; `undefined` if the text is none. */
export function parseShare(text: string): number | undefined {
  const [, digits, percent] = SHARE.exec(text) ?? [];
  const share = Number(digits) / (percent ? 100 : 1);
  return share > 0 && share <= 1 ? share : undefined;
}
