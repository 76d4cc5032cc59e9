// What the parts of a view draw from.
import type { Layout } from "../layout/layout";
import type { Arrangement } from "../layout/order";
import type { Entry } from "../values/legend";
import type { Shown } from "./shown";
import type { Theme } from "./theme";

/** What is shown, and where everything of it stands. */
export interface Drawn {
  shown: Shown;
  arrangement: Arrangement;
  /** What stands where when all cells are in sight, and as it is looked at. */
  whole: Layout;
  place: Layout;
  legend: readonly Entry[];
  /** What the colour bar says instead of ticks. */
  note: string;
  theme: Theme;
}
