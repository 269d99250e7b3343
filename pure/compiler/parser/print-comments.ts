import type { Comment } from "../ast.ts";

/** The comments of a script, in order, each given out once. */
export interface CommentShelf {
  readonly comments: readonly Comment[];
  readonly taken: Set<Comment>;
}

/** All comments, none taken. */
export function shelve(comments: readonly Comment[]): CommentShelf {
  return { comments, taken: new Set() };
}

/** Takes the comments that start in `[from, to)` and are still there. */
export function takeComments(shelf: CommentShelf, from: number, to: number): Comment[] {
  const found: Comment[] = [];
  for (let index = firstAt(shelf.comments, from); index < shelf.comments.length; index++) {
    const comment = shelf.comments[index];
    if (comment.span.start >= to) break;
    if (!shelf.taken.has(comment)) found.push(comment);
  }
  for (const comment of found) shelf.taken.add(comment);
  return found;
}

/** Takes the comments that follow `from` on its line, before `to`. Between them stand only blanks and semicolons. */
export function takeOnLine(shelf: CommentShelf, source: string, from: number, to: number): Comment[] {
  const found: Comment[] = [];
  let at = from;
  for (let index = firstAt(shelf.comments, from); index < shelf.comments.length; index++) {
    const comment = shelf.comments[index];
    const { start, end } = comment.span;
    if (start >= to || shelf.taken.has(comment) || !/^[ \t\r;]*$/.test(source.slice(at, start))) break;
    found.push(comment);
    shelf.taken.add(comment);
    at = end;
  }
  return found;
}

/** The index of the first comment at or after `offset`. */
function firstAt(comments: readonly Comment[], offset: number): number {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comments[middle].span.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
