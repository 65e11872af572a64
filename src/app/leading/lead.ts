import { describeError } from "../../base/log.ts";
import type { Gateway } from "../../gateway/createGateway.ts";
import { giveWayToNewer } from "./successor.ts";
import { listDiagnostics } from "../settings/configuration.ts";
import type { MemberOptions } from "./leading.ts";
import { type Member, openMember } from "./openMember.ts";
import type { App } from "../runningApp.ts";
import type { HeldLease } from "./takeLease.ts";

/** Runs the gateway in this process until it is closed, or another process takes the lease. */
export async function lead(options: MemberOptions, lease: HeldLease): Promise<App> {
  const member = await openMember(options, lease);
  try {
    return toApp(options, member, lease, await member.lead(lease));
  } catch (error) {
    await member.closing.close().catch((failure: unknown) => member.log.warn(describeError(failure)));
    throw error;
  }
}

function toApp({ host }: MemberOptions, member: Member, lease: HeldLease, gateway: Gateway): App {
  const { log, configuration, changes, closing } = member;
  const closed = Promise.withResolvers<string>();
  const close = (reason: string): Promise<void> => closing.close().finally(() => closed.resolve(reason));
  void lease.lost
    .then(() => close("another gateway took over"))
    .catch((error: unknown) => log.warn(describeError(error)));
  giveWayToNewer(member, close);
  return {
    role: "leader",
    leader: host.name,
    get url() {
      return gateway.url;
    },
    token: () => gateway.tokens.value(),
    connect: async (via) => gateway.connect({ via }),
    onDidChange: (listener) => changes.on(listener),
    closed: closed.promise,
    close: () => close("closed"),
    configPath: configuration.path,
    diagnostics: () => listDiagnostics(configuration),
    refuseGone: () => configuration.refuseGone(),
    rules: () => configuration.current().agent.rules,
  };
}
