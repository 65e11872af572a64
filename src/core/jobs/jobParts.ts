import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Sessions } from "../services/sessionService.ts";
import type { Workspaces } from "../services/workspaceService.ts";
import type { Reports } from "../services/pastWork.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { RunRecord } from "../../protocol/run.ts";
import type { WatchFiles } from "../ports/watchedFiles.ts";
import type { ConditionCall } from "./conditions/conditionCall.ts";
import type { JobRepository } from "./jobRepository.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import type { AgentSettings } from "../ports/settings.ts";
import type { FileBytes } from "../ports/folders.ts";
import type { Store } from "../ports/store.ts";
import type { ChannelDesk } from "../ports/outside/channelDesk.ts";
import type { Webhooks } from "../ports/outside/webhooks.ts";
import type { AllRuns } from "../runs/runs.ts";

/** What the scheduler is built over. */
export interface JobsOptions {
  store: Store;
  clock: Clock;
  log: Log;
  settings: () => AgentSettings;
  events: EventLog;
  sessions: Sessions;
  runs: AllRuns;
  models: ModelCatalog;
  reports: Reports;
  workspaces: Workspaces;
  /** What the scripts that jobs are granted are bound to; absent: their text is not. */
  fileBytes?: FileBytes;
  /** Absent: results cannot go to webhooks. */
  webhooks?: Webhooks;
  /** Chat networks that results may be announced on. */
  channels?: ChannelDesk;
  /** Absent: no files are watched. */
  watchFiles?: WatchFiles;
  tryCondition: ConditionCall;
  /** Is told of a message that came in without a run. */
  received?: (note: Pick<RunRecord, "id" | "sessionKey" | "origin">, body: { role: "system"; text: string }) => void;
  /** As which worker this process runs commands, as its queue names it. */
  worker: string;
  /** Takes secrets out of a text. */
  redact: (text: string) => string;
}

/** What the parts of the scheduler share. */
export interface JobParts extends JobsOptions {
  jobs: JobRepository;
  isClosed(): boolean;
}
