// The script that is packed: what a page runs once.
import { shared } from "./shared";
import createWidget from "./widget";

shared.create = createWidget;
