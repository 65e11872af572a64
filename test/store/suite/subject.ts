import type { Store } from "../../../src/core/ports/store.ts";
import type { FakeClock } from "../../fakes/fakeClock.ts";

/** The store under test: an empty one, with a clock at START, before each test. */
export interface Subject {
  store: Store;
  clock: FakeClock;
}
