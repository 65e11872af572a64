import type { Checked, CodeKnowledge } from "../../src/core/ports/codeKnowledge.ts";

/** An editor that knows nothing, but for what a test puts in; `checks` are what it finds from one check to the next. */
export function fakeCode({
  checks = [],
  ...own
}: Partial<CodeKnowledge> & { checks?: Partial<Checked>[] } = {}): CodeKnowledge {
  const none = async () => [];
  return {
    has: () => true,
    check: async () => ({ problems: [], pending: [], unseen: [], ...checks.shift() }),
    known: () => [],
    open: () => [],
    definition: none,
    references: none,
    symbols: none,
    findSymbols: none,
    rename: none,
    format: async () => undefined,
    ...own,
  };
}
