import type { App, AppOptions } from "./runningApp.ts";
import { isAppError } from "../base/appError.ts";
import { type Clock, isoTime } from "../base/clock.ts";
import { Disposables } from "../base/disposable.ts";
import { createRedactor } from "../base/redact.ts";
import { Emitter } from "../base/emitter.ts";
import { describeError } from "../base/log.ts";
import { createLogTail } from "../base/logTail.ts";
import { toAgentSettings } from "../config/agentSettings.ts";
import { toLogLines } from "../config/configProblem.ts";
import type { Config } from "../config/configSchema.ts";
import { keepToken, removeGatewayFile, writeGatewayFile } from "../config/stateFolder.ts";
import { createBrowser } from "../browser/createBrowser.ts";
import { createCore } from "../core/createCore.ts";
import type { Store } from "../core/ports/store.ts";
import type { Address } from "../gateway/listen/bindings.ts";
import { createGateway } from "../gateway/createGateway.ts";
import { createDiskFiles } from "../tools/files/diskFiles.ts";
import { backgroundCommands } from "../tools/shell/backgroundCommands.ts";
import * as allTools from "../tools/index.ts";
import { startAudit } from "./audit/startAudit.ts";
import { openConfiguration } from "./configuration.ts";
import type { HeldLease } from "./takeLease.ts";
import { createProviders } from "./createProviders.ts";
import { realPath } from "../base/realPath.ts";
import { keepOwnToken, listTokens } from "./gatewayTokens.ts";
import { createWebhooks } from "./createWebhooks.ts";

export interface LeadOptions extends AppOptions {
  store: Store;
  lease: HeldLease;
  clock: Clock;
}

/** Runs the gateway in this process until it is closed, or another process takes the lease. */
export async function lead(options: LeadOptions): Promise<App> {
  const { host, store, lease, clock } = options;
  const held = new Disposables();
  const redactor = createRedactor();
  const log = createLogTail(host.log, { clock, redactor });
  const started = isoTime(clock.now());
  const changes = new Emitter<void>();
  const closed = Promise.withResolvers<string>();
  let stopAgent = async (): Promise<void> => {};
  let stopServing = async (): Promise<void> => {};
  let stopAudit = async (): Promise<void> => {};
  let publish = (): void => {};
  let closing: Promise<void> | undefined;

  const close = (reason: string): Promise<void> => {
    closing ??= (async () => {
      held.dispose();
      removeGatewayFile(host.stateDir, process.pid);
      await stopServing();
      await stopAgent();
      await stopAudit();
      await lease.drop();
      await store.close();
    })().finally(() => closed.resolve(reason));
    return closing;
  };

  try {
    const configuration = held.add(openConfiguration(host, options.config));
    const tokensOf = (config: Config) => {
      const tokens = listTokens(config, host.stateDir);
      for (const { value } of tokens) redactor.add(value);
      return tokens;
    };
    let settings = toAgentSettings(configuration.current());
    let providers = createProviders(configuration.current(), host, process.env);
    for (const line of toLogLines(configuration.problems())) log.warn(line);

    const browser = createBrowser({
      stateDir: host.stateDir,
      config: () => configuration.current().browser,
      log,
      clock,
    });
    const core = await createCore({
      store,
      clock,
      log,
      settings: () => settings,
      configuration: () => redactor.value(configuration.current()) as Record<string, unknown>,
      providers: () => providers,
      tools: Object.values(allTools),
      files: host.files ?? createDiskFiles(),
      browser,
      workspaces: () => host.workspaces(),
      realFolder: realPath,
      webhooks: createWebhooks({ stateDir: host.stateDir, clock }),
    });
    stopAgent = async () => {
      await core.close();
      await Promise.all([backgroundCommands.stop(), browser.close()]);
    };
    held.add(
      core.events.on((event) => {
        if (event.type !== "session.deleted") return;
        void backgroundCommands.stop(event.sessionKey);
        browser.forget(event.sessionKey).catch((error: unknown) => {
          log.warn("What a session left in the browser could not be removed", { error: describeError(error) });
        });
      }),
    );
    // Before anything fires: what the file no longer declares must not.
    await core.jobs.declare(configuration.current().cron, configuration.path);
    const { audit, onCall, follow } = await startAudit({
      stateDir: host.stateDir,
      clock,
      log,
      redactor,
      withContent: () => configuration.current().audit.content,
    });
    stopAudit = () => audit.close();
    held.add(follow(core));
    await core.start();

    const gateway = await createGateway({
      core,
      ...addressOf(configuration.current(), options),
      stateDir: host.stateDir,
      tokens: tokensOf(configuration.current()),
      async onTokenRotated(name, value) {
        keepOwnToken(configuration.current(), host.stateDir, name, value);
        redactor.add(value);
        // The file that clients look into follows when the token counts.
        setImmediate(publish);
      },
      nonce: lease.nonce,
      version: host.version,
      log,
      clock,
      onCall,
      audit,
      logs: log,
    });
    stopServing = () => gateway.close();

    await lease.publish(gateway.url);
    publish = () => {
      const token = gateway.tokens.value();
      keepToken(host.stateDir, token);
      writeGatewayFile(host.stateDir, {
        url: gateway.url,
        pid: process.pid,
        started,
        token,
        version: host.version,
        nonce: lease.nonce,
        ...(gateway.certificate ? { certificate: gateway.certificate } : {}),
      });
      changes.emit();
    };
    publish();

    let serving = Promise.resolve();
    /** One after another, and the last good one stays when the new one cannot be had. */
    const serveAs = (config: Config): void => {
      serving = serving
        .then(async () => {
          await gateway.reconfigure({ tokens: tokensOf(config), address: addressOf(config, options) });
          await lease.publish(gateway.url);
          publish();
        })
        .catch((error: unknown) => {
          log.error("The changed address or tokens could not be taken over; the gateway goes on as it was", {
            error: isAppError(error) ? error.message : describeError(error),
          });
        });
    };
    held.add(
      configuration.onDidChange((config) => {
        settings = toAgentSettings(config);
        providers = createProviders(config, host, process.env);
        serveAs(config);
        core.jobs.declare(config.cron, configuration.path).catch((error: unknown) => {
          log.error("The jobs of the configuration could not be taken over", { error: describeError(error) });
        });
        core.tell({ type: "gateway.changed", reason: "configuration" });
      }),
    );
    void lease.lost.then(() => close("another gateway took over"));

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
        configuration
          .problems()
          .map(({ file, severity, line, column, message }) => ({ path: file, severity, line, column, message })),
    };
  } catch (error) {
    await close("could not start").catch(() => {});
    throw error;
  }
}

/** Where to serve: what the command line or the editor says goes before the configuration. */
function addressOf({ gateway }: Config, { port, bindHost }: AppOptions): Address {
  return {
    host: bindHost ?? gateway.host,
    port: port ?? gateway.port ?? 3000,
    portIsDefault: port === undefined && gateway.port === undefined,
    ...(gateway.tls === undefined ? {} : { tls: gateway.tls }),
  };
}
