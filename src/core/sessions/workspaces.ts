import { type Disposable, toDisposable } from "../../base/disposable.ts";
import type { Workspaces } from "../core.ts";

/** The folders of the process that leads first: its first one is the default. */
export function createWorkspaces(own: () => string[]): Workspaces {
  const offers = new Set<string[]>();
  return {
    list: () => [...new Set([...own(), ...[...offers].flat()])],
    offer(folders): Disposable {
      const offered = [...folders];
      offers.add(offered);
      return toDisposable(() => offers.delete(offered));
    },
  };
}
