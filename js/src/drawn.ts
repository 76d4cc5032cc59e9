// What the parts of a view draw from.
import type { Layout } from "./layout";
import type { Entry } from "./legend";
import type { Arrangement } from "./order";
import type { Theme } from "./theme";
import type { Snapshot } from "./wire";

/** What is shown, and where everything of it stands. */
export interface Drawn {
  shown: Snapshot;
  arrangement: Arrangement;
  place: Layout;
  legend: readonly Entry[];
  /** What the colour bar says instead of ticks. */
  note: string;
  theme: Theme;
}
