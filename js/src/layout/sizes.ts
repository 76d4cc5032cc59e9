// What all of a picture is measured in. `src/layergrid/picture/sizes.py` has the same.

/** A rectangle within the picture, CSS pixels. */
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Width of a text in the usual font. */
export type Measure = (text: string) => number;

export const FONT = 12;
export const LINE = 16;
/** Kept free round everything. */
export const MARGIN = 4;
/** Cells at least so far apart have gaps between them. */
export const GAP_FROM = 6;
