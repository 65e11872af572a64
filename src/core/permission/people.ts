import type { Disposable } from "../../base/disposable.ts";
import { describeError, type Log } from "../../base/log.ts";
import type { Holds } from "../ports/hold.ts";

/** Whether anybody is there who is told of approvals and may answer them, at whichever process. */
export interface People {
  /** Somebody is, until disposed. */
  come(): Disposable;
  areThere(): Promise<boolean>;
}

const KEY = "people";

export function createPeople({ holds, log }: { holds: Holds; log: Log }): People {
  let count = 0;
  let told = Promise.resolve();
  const id = `${KEY} ${holds.owner}`;
  // A hold goes with its worker: who watched a gateway that was killed is there no more.
  const tell = () => {
    told = told
      .then(() => (count > 0 ? holds.put({ id, keys: [KEY], value: {} }) : holds.drop(id)))
      .catch((error: unknown) => {
        log.warn("That somebody is there to answer could not be stored", { error: describeError(error) });
      });
  };
  return {
    come() {
      count += 1;
      if (count === 1) tell();
      let isGone = false;
      return {
        dispose() {
          if (isGone) return;
          isGone = true;
          count -= 1;
          if (count === 0) tell();
        },
      };
    },
    async areThere() {
      if (count > 0) return true;
      return (await holds.list([KEY])).length > 0;
    },
  };
}
