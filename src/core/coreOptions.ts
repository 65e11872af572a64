import type { Clock } from "../base/clock.ts";
import type { OutFileStore } from "../base/files/outFileStore.ts";
import type { KeptTexts } from "../base/files/keptTexts.ts";
import type { Log } from "../base/log.ts";
import type { ModelInfo } from "../protocol/model.ts";
import type { ApprovalDeskOptions } from "./permission/approvals.ts";
import type { Relay } from "./state/relayedBus.ts";
import type { ProviderEntry } from "./models/catalog.ts";
import type { InstructionFiles } from "./ports/context/instructionFiles.ts";
import type { PromptFiles } from "./ports/context/promptFiles.ts";
import type { SkillFiles } from "./ports/context/skillFiles.ts";
import type { AgentFiles } from "./ports/context/agentFiles.ts";
import type { Checkpoints } from "./ports/checkpoints.ts";
import type { CodeKnowledge } from "./ports/codeKnowledge.ts";
import type { Browser } from "./ports/browserPort.ts";
import type { SandboxState } from "./ports/commandPolicy.ts";
import type { Hooks } from "./ports/outside/hooks.ts";
import type { Files } from "./ports/files.ts";
import type { FileBytes, Folders } from "./ports/folders.ts";
import type { McpServers } from "./ports/mcpServers.ts";
import type { SettingsNow } from "./ports/settings.ts";
import type { Store } from "./ports/store.ts";
import type { Tool } from "./ports/tool.ts";
import type { WatchFiles } from "./ports/watchedFiles.ts";
import type { Webhooks } from "./ports/outside/webhooks.ts";
import type { ChannelSettings } from "./ports/outside/channelDesk.ts";
import type { Worktrees } from "./ports/worktrees.ts";
import type { RunQueue } from "./ports/runQueue.ts";

/** What the agent is put together over. */
export interface CoreOptions {
  store: Store;
  /** The queue of the runs in that store. */
  queue: RunQueue;
  clock: Clock;
  log: Log;
  settings: SettingsNow;
  /** As clients may see it: without secrets. */
  configuration: () => Record<string, unknown>;
  providers: () => ProviderEntry[];
  tools: Tool[];
  /** The system and its shell in a few words, for the model. */
  surroundings?: string;
  files: Files;
  /** Agents that files describe; absent: none. */
  agentFiles?: AgentFiles;
  /** What the user has called at moments of a run; absent: nothing. */
  hooks?: Hooks;
  /** Folder of the user's own notes, in the state folder; absent: none are kept. */
  ownMemory?: string;
  /** Prompts in files; absent: none. */
  promptFiles?: PromptFiles;
  /** Skills in folders; absent: none. */
  skillFiles?: SkillFiles;
  /** AGENTS.md and its like; absent: none. */
  instructionFiles?: InstructionFiles;
  /** Where sub-agents get files of their own; absent: nowhere. */
  worktrees?: Worktrees;
  /** What files were before runs change them; absent: nothing is kept. */
  checkpoints?: Checkpoints;
  browser?: Browser;
  /** Where output of commands is kept that is too long to be shown; absent: nowhere. */
  outputs?: KeptTexts;
  /** What the editor of this process knows of the code in its folders; absent: there is no editor. */
  code?: CodeKnowledge;
  /** MCP servers, whose tools come beside `tools`; absent: none. */
  servers?: McpServers;
  /** Folders of this process; attached windows add theirs. */
  workspaces: () => string[];
  /** Models of this process's editor, as they are now. */
  hostModels?: () => ModelInfo[];
  /** Who this process is, for people. */
  owner?: string;
  /** Whether an editor has them open: what runs there belongs into its process. */
  editor?: boolean;
  folders: Folders;
  /** What files are that jobs may run; absent: not looked at. */
  fileBytes?: FileBytes;
  /** What keeps commands within bounds; absent: nothing does. */
  sandbox?: () => Promise<SandboxState>;
  /** Writes a rule into the user's configuration, which has it in force when this resolves; absent: nowhere. */
  keepRule?: ApprovalDeskOptions["keepRule"];
  /** Takes one out of there; absent: nowhere. */
  dropRule?: ApprovalDeskOptions["dropRule"];
  /** Where jobs may post their results; absent: nowhere. */
  webhooks?: Webhooks;
  /** Chat networks that are set up; absent: none. */
  channels?: () => ChannelSettings[];
  /** Where copies are kept of files that go out to them; absent: none can. */
  outFiles?: OutFileStore;
  /** Takes secrets out of what is told to others; absent: there are none. */
  redact?: (text: string) => string;
  /** See ChannelDeskOptions. */
  holdsSecret?: (data: Buffer) => Promise<boolean>;
  /** Watches files for jobs; absent: none are. */
  watchFiles?: WatchFiles;
  /** Tells the process that leads what this one tells, while it works beside it. */
  relay?: () => Relay | undefined;
}
