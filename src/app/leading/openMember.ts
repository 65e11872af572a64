import { createCloseStack } from "../closeStack.ts";
import { Emitter } from "../../base/emitter.ts";
import { describeError } from "../../base/log.ts";
import { createLogTail } from "../../base/logTail.ts";
import { createRedactor } from "../../base/redact.ts";
import { every } from "../../base/wait.ts";
import { toLogLines } from "../../config/configProblem.ts";
import type { RunningCore } from "../../core/createCore.ts";
import type { Gateway } from "../../gateway/createGateway.ts";
import { type AuditStart, startAudit } from "../audit/startAudit.ts";
import { startChannels } from "../channels/startChannels.ts";
import { openConfiguration } from "../settings/configuration.ts";
import { followDeclared } from "../declareJobs.ts";
import type { Acting, MemberOptions } from "./leading.ts";
import { startTelemetry } from "../telemetry/startTelemetry.ts";
import { careForStore } from "./storeCare.ts";
import { serveGateway } from "./serveGateway.ts";
import { keyElsewhere, tellKeys } from "../settings/keysElsewhere.ts";
import { createSettingsInForce } from "../settings/settingsInForce.ts";
import { confiding, openStoredSecrets } from "../settings/storedSecrets.ts";
import { startAgent } from "./startAgent.ts";
import type { HeldLease } from "./takeLease.ts";

/** The agent of this process: it leads, and serves the gateway, or works beside the one that does. */
export interface Member extends Acting {
  core: RunningCore;
  /** Serves the gateway from here on; what runs goes on. When it rejects, the member is to be closed. */
  lead(lease: HeldLease): Promise<Gateway>;
}

// A store that another program holds keeps no process from ending: the next goes on with what could not be stored.
const LOCKED_MS = 3000;
// A secret that was stored meanwhile is known this late at the most.
const LOOK_MS = 30_000;

/** `lease`: what is to be given back when it is closed, as is the store. Nothing runs yet. */
export async function openMember(options: MemberOptions, lease?: HeldLease): Promise<Member> {
  const { store, clock } = options;
  const closing = createCloseStack(() => store.hurry(LOCKED_MS));
  const redactor = createRedactor();
  const log = createLogTail(options.host.log, { clock, redactor });
  const host = confiding({ ...options.host, log }, redactor);
  // What only a leader has, closed in the place where it would be had it led from the start.
  let held = lease;
  let audit: Awaited<ReturnType<typeof startAudit>> | undefined;
  closing.add("the store", () => store.close());
  closing.add("the lease", () => held?.drop());
  try {
    const configuration = await openConfiguration(host, options.config);
    closing.add("the watch over openclaw.yml", () => configuration.dispose());
    for (const line of toLogLines(configuration.problems())) log.warn(line);
    const settings = createSettingsInForce(configuration, redactor, {
      ...options,
      host,
      keyElsewhere: (provider) => keyElsewhere(options, provider),
    });
    const refreshing = configuration.onDidChange(() => settings.refresh());
    closing.add("the settings", () => refreshing.dispose());
    const storedSecrets = openStoredSecrets({ host, configuration, settings, redactor, clock, log });
    const reading = storedSecrets.read();
    const looking = every(clock, LOOK_MS, () => void storedSecrets.read());
    closing.add("the look for stored secrets", () => looking.dispose());
    const settled = { configuration, settings, storedSecrets };
    const acting: Acting = { ...options, host, log, redactor, ...settled, changes: new Emitter(), closing };
    const auditing: AuditStart = { ...acting, ...host, withContent: () => configuration.current().audit.content };
    closing.add("the audit log", () => audit?.audit.close());
    const core = await startAgent(acting);
    // Before anything runs, and while the agent was put together.
    await reading;
    const telling = tellKeys({ ...options, owner: host.name, providers: settings.providers, log });
    closing.add("the word of which keys are kept here", () => telling.dispose());
    return {
      ...acting,
      core,
      async lead(lease) {
        held = lease;
        // It may have taken its time to come here, and nothing runs yet.
        await lease.hold();
        audit = await startAudit(auditing);
        const declaring = followDeclared({
          ...{ core, configuration },
          onFault: (error) =>
            log.error("The jobs of the configuration could not be taken over", { error: describeError(error) }),
        });
        closing.add("the jobs of the configuration", () => {
          declaring.dispose();
          return declaring.settled();
        });
        // Before anything fires: what the file no longer declares must not.
        await declaring.declare();
        const following = audit.follow(core);
        closing.add("the audit of the agent", () => following.dispose());
        const target = () => configuration.current().telemetry.otlp;
        const telemetry = startTelemetry({ core, target, version: options.host.version, clock, log });
        closing.add("telemetry", () => telemetry.close());
        await core.start();
        const caring = careForStore({ core, clock, log });
        closing.add("the care of the store", () => caring.dispose());
        const gateway = await serveGateway({ ...acting, lease }, core, audit);
        startChannels({ ...acting, lease }, core);
        return gateway;
      },
    };
  } catch (error) {
    await closing.close().catch((failure: unknown) => log.warn(describeError(failure)));
    throw error;
  }
}
