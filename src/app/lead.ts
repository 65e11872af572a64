import { defined } from "../base/defined.ts";
import { isAppError } from "../base/appError.ts";
import { createCloseStack } from "./closeStack.ts";
import { Emitter } from "../base/emitter.ts";
import { describeError } from "../base/log.ts";
import { createLogTail } from "../base/logTail.ts";
import { createRedactor } from "../base/redact.ts";
import { toLogLines } from "../config/configProblem.ts";
import type { RunningCore } from "../core/createCore.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../gateway/createGateway.ts";
import { startAudit } from "./audit/startAudit.ts";
import { openConfiguration } from "./configuration.ts";
import { declareJobs } from "./declareJobs.ts";
import { keepOwnToken } from "./gatewayTokens.ts";
import type { LeadOptions, Leading } from "./leading.ts";
import { publishGateway } from "./publishGateway.ts";
import type { App } from "./runningApp.ts";
import { createSettingsInForce } from "./settingsInForce.ts";
import { startAgent } from "./startAgent.ts";

/** Runs the gateway in this process until it is closed, or another process takes the lease. */
export async function lead(options: LeadOptions): Promise<App> {
  const { host, store, lease, clock } = options;
  const closing = createCloseStack();
  closing.add("the store", () => store.close());
  closing.add("the lease", () => lease.drop());
  const redactor = createRedactor();
  const log = createLogTail(host.log, { clock, redactor });
  try {
    const configuration = openConfiguration(host, options.config);
    closing.add("the watch over openclaw.yml", () => configuration.dispose());
    for (const line of toLogLines(configuration.problems())) log.warn(line);
    const settings = createSettingsInForce(configuration, redactor, options);
    const leading: Leading = { ...options, log, redactor, configuration, settings, changes: new Emitter(), closing };
    const audit = await startAudit({ ...leading, ...host, withContent: () => configuration.current().audit.content });
    closing.add("the audit log", () => audit.audit.close());
    const core = await startAgent(leading);
    // Before anything fires: what the file no longer declares must not.
    await declareJobs(core, configuration);
    const following = audit.follow(core);
    closing.add("the audit of the agent", () => following.dispose());
    await core.start();
    const gateway = await serve(leading, core, audit);
    return toApp(leading, gateway);
  } catch (error) {
    await closing.close().catch((failure: unknown) => log.warn(describeError(failure)));
    throw error;
  }
}

/** Serves, publishes where, and follows the configuration from then on. */
async function serve(
  leading: Leading,
  core: RunningCore,
  { audit, onCall }: Pick<GatewayOptions, "audit" | "onCall">,
): Promise<Gateway> {
  const { host, lease, clock, log, redactor, configuration, settings, closing } = leading;
  const { tokens, address } = await settings.serving();
  let publishSoon = (): void => {};
  const gateway = await createGateway({
    ...{ core, tokens, ...address, audit, onCall, logs: log, log, clock },
    ...{ stateDir: host.stateDir, version: host.version, nonce: lease.nonce },
    openaiSessionDays: () => configuration.current().gateway.openaiSessionDays,
    async onTokenRotated(name, value) {
      await keepOwnToken(configuration.current(), host.stateDir, name, value);
      redactor.add(value);
      // The file that clients look into follows when the token counts.
      setImmediate(() => publishSoon());
    },
  });
  closing.add("the server", () => gateway.close());
  const published = await publishGateway(leading, gateway);
  /** One after another, and the last good one stays when the new one cannot be had. */
  let last = Promise.resolve();
  let isOver = false;
  const next = (work: () => Promise<void>) => {
    if (isOver) return;
    last = last.then(work).catch((error: unknown) => {
      log.error("The changed address or tokens could not be taken over; the gateway goes on as it was", {
        error: isAppError(error) ? error.message : describeError(error),
      });
    });
  };
  publishSoon = () => next(published.again);
  const following = configuration.onDidChange(() => {
    settings.refresh();
    next(async () => {
      await gateway.reconfigure(await settings.serving());
      await published.again();
    });
    declareJobs(core, configuration).catch((error: unknown) => {
      log.error("The jobs of the configuration could not be taken over", { error: describeError(error) });
    });
    core.tell({ type: "gateway.changed", reason: "configuration" });
  });
  closing.add("the configuration's changes", async () => {
    following.dispose();
    // What is written after this is not taken away again.
    isOver = true;
    await last;
  });
  return gateway;
}

function toApp({ lease, log, configuration, changes, closing }: Leading, gateway: Gateway): App {
  const closed = Promise.withResolvers<string>();
  const close = (reason: string): Promise<void> => closing.close().finally(() => closed.resolve(reason));
  void lease.lost
    .then(() => close("another gateway took over"))
    .catch((error: unknown) => log.warn(describeError(error)));
  return {
    role: "leader",
    get url() {
      return gateway.url;
    },
    token: () => gateway.tokens.value(),
    connect: async (via) => gateway.connect({ via }),
    onDidChange: (listener) => changes.on(listener),
    closed: closed.promise,
    close: () => close("closed"),
    configPath: configuration.path,
    diagnostics: () =>
      configuration.problems().map(({ file, severity, line, column, message, code }) => ({
        path: file,
        severity,
        line,
        column,
        message,
        ...defined({ code }),
      })),
  };
}
