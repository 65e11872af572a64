import { join } from "node:path";
import { defined } from "../../base/defined.ts";
import { describeError } from "../../base/log.ts";
import { createOutFileStore } from "../../base/files/outFileStore.ts";
import { newId } from "../../base/id.ts";
import { every } from "../../base/wait.ts";
import { homeFolder } from "../../base/files/homeFolder.ts";
import { createKeptTexts } from "../../base/files/keptTexts.ts";
import { placeOf } from "../../base/files/diskPath.ts";
import { realPath } from "../../base/files/realPath.ts";
import { openCheckpoints } from "../../store/checkpoints/openCheckpoints.ts";
import { createBrowser } from "../../browser/createBrowser.ts";
import { addRule } from "../../config/write/addRule.ts";
import { removeRule } from "../../config/write/removeRule.ts";
import { createCore, type RunningCore } from "../../core/createCore.ts";
import { createDiskFiles } from "../../tools/files/diskFiles.ts";
import { asOwnFiles, noteSaved } from "../../tools/files/ownWrites.ts";
import { createInstructionFiles } from "../../tools/files/createInstructionFiles.ts";
import * as allTools from "../../tools/index.ts";
import { forbidsPage } from "../../rules/farAddress.ts";
import { createMessageSend } from "../../tools/sessions/messageSendTool.ts";
import { createWebSearch } from "../../tools/web/webSearchTool.ts";
import { settleLeft } from "../../tools/sandbox/after/unsettled.ts";
import { watchFiles } from "../../tools/search/watchFiles.ts";
import { backgroundCommands } from "../../tools/shell/backgroundCommands.ts";
import { openPromptFiles } from "../../tools/skills/openPromptFiles.ts";
import { openSkillFiles } from "../../tools/skills/openSkillFiles.ts";
import { openWorktrees } from "../../worktrees/openWorktrees.ts";
import { openMcpServers, withoutGivenSecrets } from "../openMcpServers.ts";
import { openAgentFiles } from "../openAgentFiles.ts";
import { channelSettings } from "../channels/channelSettings.ts";
import { createHooks } from "../hooks/createHooks.ts";
import { postHook } from "../hooks/postHook.ts";
import { createSignedPost } from "../signedPost.ts";
import { createWebhooks } from "../createWebhooks.ts";
import { openConfirmed } from "../settings/confirmed.ts";
import { scriptBytes } from "../scriptBytes.ts";
import { sandboxState } from "../sandboxState.ts";
import { webSearch } from "../webSearch.ts";
import { surroundings } from "../surroundings.ts";
import { followHostModels } from "./hostModels.ts";
import type { Acting } from "./leading.ts";
import type { Browser } from "../../core/ports/browserPort.ts";
import type { Files } from "../../core/ports/files.ts";
import type { Tool } from "../../core/ports/tool.ts";
import type { RunningServers } from "../../mcp/createMcpServers.ts";

// What another process stored is told this late at the most.
const LOOK_MS = 1000;

/** The agent over the store, with its tools and its browser. Nothing runs before `core.start()`. */
export async function startAgent(acting: Acting): Promise<RunningCore> {
  const { host, store, nonce, clock, log, redactor, configuration, settings, storedSecrets, closing } = acting;
  const files = asOwnFiles(host.files ?? createDiskFiles());
  const saves = files.onSave?.((path, text) => text !== undefined && noteSaved(path, text));
  closing.add("the look at what is saved in the editor", () => saves?.dispose());
  // All who listen are told it, and so it is not the nonce.
  const asked = newId("browser");
  const browser = openBrowser(acting, () => core, asked);
  closing.add("the browser", () => browser.close());
  const servers = openMcpServers(acting);
  closing.add("commands in the background", () => backgroundCommands.stop());
  const left = await settleLeft();
  if (left !== "") log.warn("What a command that ended with its gateway left behind was settled", { left });
  const hostModels = followHostModels(host);
  closing.add("the look at the editor's models", () => hostModels.dispose());
  const core: RunningCore = await createCore({
    hostModels: hostModels.now,
    owner: host.name,
    store,
    queue: store.queue(nonce),
    clock,
    log,
    settings: settings.agent,
    configuration: () => redactor.value(withoutGivenSecrets(configuration.current())) as Record<string, unknown>,
    providers: settings.providers,
    tools: toolsOf(acting, () => core),
    surroundings: surroundings(),
    files,
    servers,
    browser,
    ...openState(acting, files),
    async holdsSecret(data) {
      // One may have been stored a moment ago.
      await storedSecrets.read();
      return await redactor.isIn(data);
    },
    ...defined({ code: host.code }),
    workspaces: () => host.workspaces(),
    editor: host.files !== undefined,
    folders: { real: realPath, identity: placeOf },
    sandbox: sandboxState,
    fileBytes: scriptBytes,
    async keepRule(rule, mayWrite) {
      configuration.refuseGone();
      await addRule(configuration.path, rule, mayWrite);
      configuration.reload();
    },
    async dropRule(rule) {
      configuration.refuseGone();
      await removeRule(configuration.path, rule);
      configuration.reload();
    },
    ...openPosts(acting),
    watchFiles,
    channels: () => channelSettings(configuration.current()),
    redact: redactor.text,
    ...defined({ relay: acting.relay }),
  });
  closing.add("the agent", () => core.close());
  const looking = every(clock, LOOK_MS, () => core.look());
  closing.add("the look for what others stored", () => looking.dispose());
  tellOfServers(acting, core, servers);
  forgetWhatIsOver(acting, core, { servers, browser, asked });
  return core;
}

function openBrowser(
  { host, configuration, settings, log, clock }: Acting,
  core: () => RunningCore,
  by: string,
): Browser {
  return createBrowser({
    stateDir: host.stateDir,
    config: () => configuration.current().browser,
    refuses: (name, port) => forbidsPage(settings.agent().rules ?? [], name, port),
    workspaces: () => host.workspaces(),
    log,
    clock,
    onLeave: (left) => core().tell({ type: "browser.left", ...left, by }),
  });
}

function toolsOf({ host, configuration }: Acting, core: () => RunningCore): Tool[] {
  const search = webSearch({
    config: () => configuration.current(),
    secret: (name) => host.secret(name),
    env: process.env,
  });
  const messageSend = createMessageSend(
    () => core().channels,
    () => channelSettings(configuration.current()).map(({ id }) => id),
  );
  return [...Object.values(allTools), createWebSearch(search), messageSend];
}

/** What has its place in the state folder, besides the store. */
function openState({ host: { stateDir }, configuration, settings, clock, log }: Acting, files: Files) {
  const now = () => clock.now();
  return {
    instructionFiles: createInstructionFiles({
      stateDir,
      files,
      rules: (folder) => settings.agent(folder).rules ?? [],
    }),
    ownMemory: join(stateDir, "memory"),
    promptFiles: openPromptFiles({ stateDir }),
    skillFiles: openSkillFiles({ stateDir, home: homeFolder(), confirmed: openConfirmed(stateDir, log) }),
    agentFiles: openAgentFiles({ stateDir, log }),
    worktrees: openWorktrees({ stateDir, clock, rule: () => configuration.current().worktrees }),
    checkpoints: openCheckpoints({
      folder: join(stateDir, "checkpoints"),
      bounds: () => configuration.current().checkpoints,
      clock,
      log,
    }),
    outputs: createKeptTexts(join(stateDir, "outputs"), now),
    outFiles: createOutFileStore(join(stateDir, "outbox"), now),
  };
}

/** What is posted to others: results of jobs, and moments of runs. */
function openPosts({ host, configuration, redactor, clock }: Acting) {
  const post = createSignedPost({ stateDir: host.stateDir, clock });
  return {
    webhooks: createWebhooks(post),
    hooks: createHooks({
      config: () => configuration.current().hooks,
      redact: (value) => redactor.value(value),
      workspaces: () => host.workspaces(),
      post: (posting) => postHook(post, posting),
      clock,
    }),
  };
}

function tellOfServers({ closing }: Acting, core: RunningCore, servers: RunningServers): void {
  const told = servers.onDidChange((server) => core.tell({ type: "mcp.changed", server }));
  const asked = servers.onDidAsk(({ question, action }) =>
    core.tell(action ? { type: "mcp.answered", questionId: question.id, action } : { type: "mcp.asked", question }),
  );
  closing.add("the watch over MCP servers", () => (told.dispose(), asked.dispose()));
}

/** Questions that were answered, sessions that are no more and tabs that were closed elsewhere leave nothing behind. */
function forgetWhatIsOver(
  { closing, log }: Acting,
  core: RunningCore,
  { servers, browser, asked }: { servers: RunningServers; browser: Browser; asked: string },
): void {
  const warn = (error: unknown) =>
    log.warn("What a session left in the browser could not be removed", { error: describeError(error) });
  const forgetting = core.events.on((event) => {
    // The question may have been asked by another process.
    if (event.type === "mcp.answered") servers.dropQuestion(event.questionId);
    if (event.type === "browser.left" && event.by !== asked) void browser.leave(event).catch(warn);
    if (event.type !== "session.deleted") return;
    void backgroundCommands.stop(event.sessionKey);
    void browser.forget(event.sessionKey).catch(warn);
  });
  closing.add("the watch for what is over", () => forgetting.dispose());
}
