import { isAbsolute, relative, sep } from "node:path";
import { AppError } from "../../base/appError.ts";
import { headOf } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { isInside } from "../../base/files/isInside.ts";
import { toDisposable } from "../../base/disposable.ts";
import { newId } from "../../base/id.ts";
import { inGroups } from "../../base/turns/inGroups.ts";
import type { ChangedFile, Checkpoint, LeftFile } from "../../protocol/checkpoint.ts";
import type { StoredMessage } from "../../protocol/message.ts";
import { readHistory } from "../context/modelContext.ts";
import type { Checkpointing, GoingBack, Restored } from "../services/pastWork.ts";
import type { Checkpoints, RealChange, RunRef } from "../ports/checkpoints.ts";
import type { RealFolder } from "../ports/folders.ts";
import type { StoredSession } from "../ports/storedSession.ts";
import { FORKED, forkSession } from "./forkSession.ts";
import type { SessionParts } from "./sessionParts.ts";

export type CheckpointingParts = Pick<SessionParts, "store" | "sessionRepository" | "checkpoints"> & {
  runs: Pick<SessionParts["runs"], "get">;
  realFolder: RealFolder;
};

type Parts = SessionParts & { realFolder: RealFolder };

/** Where nothing is kept. */
export const NO_CHECKPOINTS: Checkpoints = {
  keep: async () => {},
  left: async () => {},
  findings: () => ({
    hold: async (paths) => paths.map(() => null),
    holdOn: () => toDisposable(() => {}),
    put: async () => "",
    found: async () => {},
    unseen: async () => {},
  }),
  unseen: async () => [],
  changes: async () => [],
  compared: async () => [],
  hunks: async () => [],
  accept: async () => {},
  revertHunks: async () => "nothing is kept",
  restore: async () => ({ restored: [], removed: [], kept: [] }),
  forget: async () => {},
  prune: async () => 0,
};

const MOST_RUNS = 50;
const MOST_COMMANDS = 20;
const MOST_EVENTS = 100_000;
const TEXT_CHARS = 120;

export function createCheckpointing(parts: Parts): Checkpointing {
  return {
    list: (key) => listCheckpoints(parts, key),
    prune: () => parts.checkpoints.prune(),
    restore: (request) =>
      request.dryRun ? goBack(parts, request) : atRest(parts, request.sessionKey, () => goBack(parts, request)),
    async changes(id, { path, closed } = {}) {
      const { session, runs } = await workOf(parts, id);
      const folder = folderOf(parts, session);
      const isMeant = (real: string) =>
        isInside(folder, real) && (path === undefined || real === path || shown(folder, real) === path);
      const found = await parts.checkpoints.compared(runs, isMeant);
      return await inGroups(found, async ({ real, hunks, ...change }) => {
        const named = { path: shown(folder, real), ...change };
        if (await closed?.(real, folder)) return { ...named, before: undefined, now: undefined, hunks: [] };
        return { ...named, hunks: hunks.map(({ isOwn: _isOwn, ...hunk }) => hunk) };
      });
    },
    async revert(id, path, how) {
      const { sessionKey } = await parts.runs.get(id);
      return await atRest(parts, sessionKey, () => revertChange(parts, { id, path, ...how }));
    },
    async keep(id, path, hunks) {
      const { runs, place } = await changeOf(parts, id, path);
      const all = await parts.checkpoints.hunks(runs, place.real);
      const unknown = hunks?.find((one) => !all.some((hunk) => hunk.id === one));
      if (unknown !== undefined) throw new AppError("not_found", `${path} has no change ${unknown} by now`);
      const chosen = hunks ?? all.map((hunk) => hunk.id);
      await parts.checkpoints.accept(runs, place.real, chosen);
      return all.filter((hunk) => !hunk.kept && !chosen.includes(hunk.id)).length;
    },
  };
}

async function revertChange(
  parts: Parts,
  { id, path, force, hunks }: { id: string; path: string; force: boolean; hunks?: readonly string[] | undefined },
): ReturnType<Checkpointing["revert"]> {
  const { session, runs, place } = await changeOf(parts, id, path);
  await refuseSubagents(parts, runs);
  if (!hunks) return await restoreFiles(parts, session, runs, { force, dryRun: false, paths: new Set([place.real]) });
  const as = { sessionKey: session.key, runId: newId("restore") };
  const why = await parts.checkpoints.revertHunks(runs, place.real, { ids: hunks, as, force });
  const named = shown(folderOf(parts, session), place.real);
  if (why !== "") return { restored: [], removed: [], kept: [{ path: named, why }] };
  return { restored: [named], removed: [], kept: [], undo: as.runId };
}

/** A file that a run has changed. not_found when it has not. */
async function changeOf(parts: Parts, id: string, path: string) {
  const { session, runs } = await workOf(parts, id);
  const place = (await parts.checkpoints.changes(runs)).find(
    ({ real }) => real === path || shown(folderOf(parts, session), real) === path,
  );
  if (!place || !isInside(folderOf(parts, session), place.real))
    throw new AppError("not_found", `Run ${id} has not changed ${path}`);
  return { session, runs, place };
}

/** Runs of a session that have changed files, newest first: each with what it changed itself and through its sub-agents. */
async function listCheckpoints(parts: Parts, key: string): Promise<Checkpoint[]> {
  const session = await parts.sessionRepository.get(key);
  const begun = [...byRun(await readHistory(parts.store, key))].slice(-MOST_RUNS).toReversed();
  const unbegun = await unbegunCalls(parts, key);
  const all: Checkpoint[] = [];
  // One after another: each has some of its files open at a time, and what cannot be opened counts as changed since.
  for (const [runId, messages] of begun) {
    const [first] = messages;
    const runs = await withSubagents(parts, key, runId);
    const changes = await changesWithin(parts, session, runs);
    all.push({
      runId,
      beforeSeq: first!.seq,
      text: headOf(first!.text, TEXT_CHARS),
      createdAt: first!.createdAt,
      files: changes.map(({ real: _real, ...change }) => change),
      commands: commandsOf(messages, unbegun),
      unseen: [...(await parts.checkpoints.unseen(runs)), ...doneElsewhere(messages)],
    });
  }
  return all.filter(({ files, commands }) => files.length + commands.length > 0);
}

async function goBack(parts: Parts, request: GoingBack): Promise<Restored> {
  const { sessionKey, to, files, messages, force, dryRun } = request;
  const session = await parts.sessionRepository.get(sessionKey);
  if ("undo" in to) {
    const replaced = [{ sessionKey, runId: to.undo }];
    if ((await parts.checkpoints.changes(replaced)).length === 0)
      throw new AppError("not_found", `Nothing is known of ${to.undo} in session ${sessionKey}`);
    return { ...(await restoreFiles(parts, session, replaced, { force, dryRun })), commands: [], unseen: [] };
  }
  const history = await readHistory(parts.store, sessionKey);
  const begun = byRun(history.filter(({ seq }) => seq >= to.beforeSeq));
  if (begun.size === 0)
    throw new AppError("not_found", `Session ${sessionKey} has no message at ${to.beforeSeq} or later`);
  const runs = once((await Promise.all([...begun.keys()].map((id) => withSubagents(parts, sessionKey, id)))).flat());
  if (!dryRun) await refuseSubagents(parts, runs);
  const nothing = { restored: [], removed: [], kept: [] };
  const done = files ? await restoreFiles(parts, session, runs, { force, dryRun }) : nothing;
  const unbegun = await unbegunCalls(parts, sessionKey);
  const told = {
    commands: [...begun.values()].flatMap((one) => commandsOf(one, unbegun)),
    unseen: [...(await parts.checkpoints.unseen(runs)), ...doneElsewhere([...begun.values()].flat())],
  };
  if (dryRun) return { ...done, ...told, ...defined({ atWork: await atWork(parts, sessionKey, runs) }) };
  if (!messages) return { ...done, ...told };
  const last = history.findLast(({ seq }) => seq < to.beforeSeq);
  const fork = await forkSession(parts, sessionKey, { uptoSeq: last?.seq ?? -1 });
  return { ...done, ...told, sessionKey: fork.key };
}

/**
 * Puts something back while no run of the session is under way, nor begins: under one that is at it that would be half its
 * work, and half not. `conflict` where it is at work, or another run came in before.
 */
async function atRest<T>(parts: Parts, sessionKey: string, work: () => Promise<T>): Promise<T> {
  await parts.sessionRepository.get(sessionKey);
  const refused = new AppError("conflict", "This session is at work; stop it before you go back");
  const { total } = await parts.store.countRuns(sessionKey);
  if ((await parts.runs.unfinished(sessionKey)).length > 0) throw refused;
  return await parts.runs.between(sessionKey, async () => {
    if ((await parts.store.countRuns(sessionKey)).total > total) throw refused;
    return await work();
  });
}

async function refuseSubagents(parts: Parts, runs: RunRef[]): Promise<void> {
  const key = await subagentAtWork(parts, runs);
  if (key === undefined) return;
  const { title } = { ...(await parts.store.getSession(key)) };
  const who = title === undefined ? key : JSON.stringify(title);
  throw new AppError("conflict", `Its sub-agent ${who} is at work; stop it before you go back`);
}

async function subagentAtWork({ store }: Parts, runs: RunRef[]): Promise<string | undefined> {
  const records = await Promise.all(runs.map(({ runId }) => store.getRun(runId)));
  return records.find((run) => run && run.state !== "finished")?.sessionKey;
}

/** Why nothing could be put back now. */
async function atWork(parts: Parts, sessionKey: string, runs: RunRef[]): Promise<string | undefined> {
  const isAtWork = (await parts.runs.unfinished(sessionKey)).length > 0;
  return isAtWork ? sessionKey : await subagentAtWork(parts, runs);
}

async function restoreFiles(
  parts: Parts,
  session: StoredSession,
  runs: RunRef[],
  { paths, ...how }: { force: boolean; dryRun: boolean; paths?: Set<string> },
): Promise<Omit<Restored, "commands" | "unseen">> {
  const folder = folderOf(parts, session);
  const within = (await changesWithin(parts, session, runs)).map(({ real }) => real);
  const chosen = new Set(within.filter((real) => paths?.has(real) ?? true));
  const as = { sessionKey: session.key, runId: newId("restore") };
  const { restored, removed, kept } = await parts.checkpoints.restore(runs, { ...how, as, paths: chosen });
  return {
    restored: restored.map((real) => shown(folder, real)),
    removed: removed.map((real) => shown(folder, real)),
    kept: kept.map(({ real, why }): LeftFile => ({ path: shown(folder, real), why })),
    ...(restored.length > 0 && !how.dryRun ? { undo: as.runId } : {}),
  };
}

/** A run with those that worked for it, and its session. */
export async function workOf(
  parts: CheckpointingParts,
  id: string,
): Promise<{ session: StoredSession; runs: RunRef[] }> {
  const { sessionKey } = await parts.runs.get(id);
  return {
    session: await parts.sessionRepository.get(sessionKey),
    runs: await withSubagents(parts, sessionKey, id),
  };
}

async function withSubagents({ store }: Pick<Parts, "store">, sessionKey: string, runId: string): Promise<RunRef[]> {
  const ids = (await store.listSpent(runId)).map(({ id }) => id).filter((id) => id !== runId);
  const others = await Promise.all(ids.map((id) => store.getRun(id)));
  return [
    { sessionKey, runId },
    ...others.flatMap((run) => (run ? [{ sessionKey: run.sessionKey, runId: run.id }] : [])),
  ];
}

/** Each run where it comes last: what went on for an earlier run of the session stands there, too, and has a place of its own. */
function once(runs: RunRef[]): RunRef[] {
  const last = new Map(runs.map(({ runId }, index) => [runId, index]));
  return runs.filter(({ runId }, index) => last.get(runId) === index);
}

/** What runs have changed in the session's folder, with paths from there: a sub-agent's worktree lies elsewhere. */
export async function changesWithin(
  parts: CheckpointingParts,
  session: StoredSession,
  runs: RunRef[],
): Promise<(ChangedFile & Pick<RealChange, "real">)[]> {
  const folder = folderOf(parts, session);
  const changes = await parts.checkpoints.changes(runs);
  return changes
    .filter(({ real }) => isInside(folder, real))
    .map((change) => ({ path: shown(folder, change.real), ...change }));
}

/** The messages of each run, in the order in which the runs began. */
function byRun(history: StoredMessage[]): Map<string, StoredMessage[]> {
  return Map.groupBy(history, ({ runId }) => runId);
}

/** Calls of what is under way in a session that have not begun: they wait for an answer, or for each other. */
async function unbegunCalls({ store, runs }: Parts, sessionKey: string): Promise<Set<string>> {
  const calls = new Set<string>();
  for (const { id: runId } of (await runs.unfinished(sessionKey)).filter(({ state }) => state === "running"))
    for (const event of await store.listEvents({ runId, afterId: 0, limit: MOST_EVENTS })) {
      if (event.type === "message" && event.message.role === "assistant")
        for (const { id } of event.message.toolCalls) calls.add(id);
      if (event.type === "tool.started") calls.delete(event.callId);
    }
  return calls;
}

/** What a fork shows of the session that it is of. */
function doneElsewhere(messages: StoredMessage[]): string[] {
  const isCopied = messages.some(
    (message) => message.runId.startsWith(FORKED) && message.role === "assistant" && message.toolCalls.length > 0,
  );
  return isCopied
    ? ["what was done before this session was forked: it is put back in the session that it is a fork of"]
    : [];
}

/** Those that ran, or may have: what was denied, or stopped before it began, changed nothing. */
function commandsOf(messages: StoredMessage[], unbegun: ReadonlySet<string>): string[] {
  const notRun = new Set([
    ...unbegun,
    ...messages.flatMap((message) => (message.role === "tool" && message.notRun ? [message.callId] : [])),
  ]);
  const calls = messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
  const commands = calls.flatMap(({ id, name, input }) => {
    if (notRun.has(id)) return [];
    const { command } = (name === "exec" && typeof input === "object" ? input : {}) as { command?: unknown };
    return typeof command === "string" ? [command] : [];
  });
  return commands.slice(0, MOST_COMMANDS);
}

/** "" of a session without one: nothing is inside of it. */
function folderOf({ realFolder }: Pick<Parts, "realFolder">, { workspace }: StoredSession): string {
  return workspace === undefined ? "" : realFolder(workspace);
}

function shown(folder: string, real: string): string {
  const within = relative(folder, real);
  return isAbsolute(within) ? real : within.split(sep).join("/");
}
