import { setTimeout } from "node:timers/promises";
import type { Committed, Store } from "../../core/ports/store.ts";
import { AppError } from "../../base/appError.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { describeError, type Log } from "../../base/log.ts";
import { listCommandEnds, loseCommands, pruneCommandEnds } from "./queue/commandsTable.ts";
import { createRowQueue, type RowQueue } from "./queue/rowQueue.ts";
import { otherAtWork } from "./care/atWork.ts";
import { backUpEarlier } from "./care/backup.ts";
import { readCondition } from "./care/condition.ts";
import { tend } from "./care/tending.ts";
import { claimAnswer, deleteAnswer, getAnswer, putAnswer } from "./answersTable.ts";
import { getApproval, listApprovals, listAsked } from "./approvalsTable.ts";
import { getOutbox, listInbox, listNotes, listOutbox } from "./channels/listChannel.ts";
import { createDatabase, type Database } from "./database.ts";
import { lastEventId, listEvents, listMessages } from "./eventsTable.ts";
import { isBusy, isDamage, toStoreError } from "./failure.ts";
import { listBudgets, pruneBudgets } from "./budgetsTable.ts";
import { listHolds } from "./holdsTable.ts";
import { createJobList, deleteJob, getJob } from "./jobsTable.ts";
import { dropLease, getLease, holdLease, tryWriting } from "./leaseTable.ts";
import { loadSqlite, type Sqlite } from "./loadSqlite.ts";
import { listCleanups } from "./commit/cleanups.ts";
import { createGroupCommit } from "./commit/groupCommit.ts";
import { markSuspect, openConnection } from "./openConnection.ts";
import { createIndexing } from "./search/indexing.ts";
import { searchMessages } from "./search/searchMessages.ts";
import { repair } from "./mend/repair.ts";
import {
  cameOtherwise,
  countRuns,
  firstVia,
  getRun,
  listAtWork,
  listJoining,
  listRuns,
  listSpawned,
  listSpent,
} from "./runsTable.ts";
import { clearSession, deleteSession } from "./eraseSession.ts";
import { getSession, listSessions } from "./sessionsTable.ts";
import { listSlots, pruneSlots } from "./slotsTable.ts";
import { listUsage } from "./usageTable.ts";

const LONGEST_WAIT_MS = 1000;

export interface SqliteStoreOptions {
  /** The database's file; its folder is made when missing. */
  path: string;
  clock: Clock;
  log: Log;
}

export interface SqliteStore extends Store {
  /** The queue of its runs. `worker` names who works, in this process alone. */
  queue(worker: string): RowQueue;
}

/**
 * The store of one user: a file that several processes may have open. Rejects with `unavailable` when SQLite is
 * missing, the file cannot be opened, or a newer Pincer wrote it. A damaged file is replaced by what
 * could be read of it, but not while another process works with it, which is `unavailable` as well.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const sqlite = await loadSqlite();
  await backUpEarlier(sqlite, options.path, options.log);
  // Of several processes that make a new file at once, SQLite turns some away without any waiting.
  for (let wait = 5; ; wait *= 2) {
    try {
      return toStore(await openSound(sqlite, options), options);
    } catch (error) {
      if (!isBusy(error) || wait > LONGEST_WAIT_MS) throw toStoreError(error);
      await setTimeout(wait * (1 + Math.random()));
    }
  }
}

async function openSound(sqlite: Sqlite, { path, clock, log }: SqliteStoreOptions): Promise<Database> {
  const open = () =>
    createDatabase(openConnection(sqlite, path), path, (error) => {
      if (!isDamage(error)) return;
      log.error("The store is damaged", { cause: describeError(error) });
      markSuspect(path);
    });
  try {
    return open();
  } catch (error) {
    if (!isDamage(error)) throw error;
    await demandAlone(path);
    repair({ sqlite, path, clock, log });
    return open();
  }
}

/** What others commit while a damaged store is put into a new one would stay behind in the old one. */
async function demandAlone(path: string): Promise<void> {
  // Where the store is too damaged to tell who works with it, nobody does.
  const other = await otherAtWork(path, systemClock).catch(() => undefined);
  if (!other) return;
  const who = `${other.owner ?? "another Pincer"} (process ${other.pid})`;
  throw new AppError(
    "unavailable",
    `The store is damaged, and ${who} works with it: end that, and start Pincer again, which repairs it`,
  );
}

/** The store in a database that is open; it closes it. */
export function toStore(db: Database, { path, clock, log }: SqliteStoreOptions): SqliteStore {
  const queues = new Set<RowQueue>();
  // Signs of life are by the system's clock.
  const goneBy = () => Math.min(systemClock.now(), ...[...queues].map((queue) => queue.goneBy()));
  const indexing = createIndexing(db, log);
  const listJobs = createJobList(db);
  const onStored = ({ events }: Committed) => indexing.stored(events.filter(({ type }) => type === "message").length);
  const commits = createGroupCommit({ db, clock, queues, onStored });
  return {
    queue(worker) {
      const queue = createRowQueue({ db, worker, log });
      queues.add(queue);
      return queue;
    },
    commit: (batch) => commits.commit(batch),

    getSession: async (key) => db.read(() => getSession(db, key)),
    async listSessions(query) {
      if (query.search?.trim()) await indexing.caughtUp();
      return db.read(() => listSessions(db, query));
    },
    async searchMessages(query) {
      await indexing.caughtUp();
      return db.read(() => searchMessages(db, query));
    },
    deleteSession: (key, how) => deleteSession(db, key, how),
    clearSession: (key) => clearSession(db, key),

    listMessages: async (sessionKey, query) => db.read(() => listMessages(db, sessionKey, query)),
    listEvents: async (query) => db.read(() => listEvents(db, query)),
    newestEventId: async () => db.read(() => lastEventId(db)),

    getRun: async (id) => db.read(() => getRun(db, id)),
    listRuns: async (query) => db.read(() => listRuns(db, query)),
    listJoining: async (sessionKey) => db.read(() => listJoining(db, sessionKey)),
    listSpawned: async (sessionKey) => db.read(() => listSpawned(db, sessionKey)),
    listCleanups: async () => db.read(() => listCleanups(db)),
    listAtWork: async () => db.read(() => listAtWork(db)),
    listSpent: async (runId) => db.read(() => listSpent(db, runId)),
    firstVia: async (sessionKey) => db.read(() => firstVia(db, sessionKey)),
    cameOtherwise: async (sessionKey, vias) => db.read(() => cameOtherwise(db, sessionKey, vias)),
    countRuns: async (sessionKey) => db.read(() => countRuns(db, sessionKey)),

    getJob: async (id) => db.read(() => getJob(db, id)),
    listJobs: async () => db.read(listJobs),
    async deleteJob(id, answers = []) {
      db.write(() => {
        deleteJob(db, id);
        for (const answer of answers) putAnswer(db, answer);
      });
    },
    listSlots: async (query) => db.read(() => listSlots(db, query)),
    pruneBudgets: async (before) => db.write(() => pruneBudgets(db, before)),
    pruneSlots: async (options) => db.write(() => pruneSlots(db, options)),

    listApprovals: async (query) => db.read(() => listApprovals(db, query, clock.now())),
    getApproval: async (id) => db.read(() => getApproval(db, id)),
    listAsked: async (runId) => db.read(() => listAsked(db, runId)),

    getAnswer: async (key) => db.read(() => getAnswer(db, key, clock.now())),
    claimAnswer: async (answer) => db.write(() => claimAnswer(db, answer, clock.now(), goneBy())),
    putAnswer: async (answer) => db.write(() => putAnswer(db, answer)),
    deleteAnswer: async (key, owner) => db.write(() => deleteAnswer(db, key, owner)),

    listHolds: async (query) => db.read(() => listHolds(db, query, clock.now(), goneBy())),

    listCommandEnds: async (query) => db.read(() => listCommandEnds(db, query)),
    loseCommands: async (owner) => db.write(() => loseCommands(db, owner, clock.now(), goneBy())),
    pruneCommandEnds: async (before) => db.write(() => pruneCommandEnds(db, before)),

    listInbox: async (query) => db.read(() => listInbox(db, query)),
    listOutbox: async (query) => db.read(() => listOutbox(db, query)),
    getOutbox: async (key) => db.read(() => getOutbox(db, key)),
    listNotes: async (channel, prefix) => db.read(() => listNotes(db, channel, prefix)),

    holdLease: async (name, holder, ttlMs) => db.write(() => holdLease(db, { name, holder, ttlMs }, clock.now())),
    getLease: async (name) => db.read(() => getLease(db, name, clock.now())),
    dropLease: async (name, nonce) => db.write(() => dropLease(db, name, nonce)),
    tryWriting: async () => db.write(() => tryWriting(db)),

    listBudgets: async (keys) => db.read(() => listBudgets(db, keys)),
    listUsage: async (query) => db.read(() => listUsage(db, query)),

    condition: async () => db.read(() => readCondition(db, path)),
    tend: (signal) => tend({ db, path, clock, log, onDamage: () => markSuspect(path) }, signal),

    hurry: (ms) => db.hurry(ms),
    async close() {
      commits.flush();
      for (const queue of queues) queue.close();
      queues.clear();
      indexing.close();
      db.close();
    },
  };
}
