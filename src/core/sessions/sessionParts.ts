import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Workspaces } from "../services/workspaceService.ts";
import type { Skills } from "../services/namedTexts.ts";
import type { Instructions } from "../context/instructions.ts";
import type { ModelCatalog } from "../models/catalog.ts";
import type { ApprovalDesk } from "../permission/approvals.ts";
import type { Checkpoints } from "../ports/checkpoints.ts";
import type { SettingsNow } from "../ports/settings.ts";
import type { Worktrees } from "../ports/worktrees.ts";
import type { Store } from "../ports/store.ts";
import type { AllRuns } from "../runs/runs.ts";
import type { EventLog } from "../state/eventLog.ts";
import type { SessionRepository } from "../state/sessionRepository.ts";
import type { Compactions } from "./compactions.ts";

/** What the operations on sessions work with. */
export interface SessionParts {
  store: Store;
  sessionRepository: SessionRepository;
  events: EventLog;
  runs: AllRuns;
  models: ModelCatalog;
  approvals: ApprovalDesk;
  compactions: Compactions;
  checkpoints: Checkpoints;
  instructions: Instructions;
  skills: Skills;
  settings: SettingsNow;
  clock: Clock;
  log: Log;
  /** Folders a session may work in. */
  workspaces: Workspaces;
  worktrees: Worktrees;
}
