import { describeError } from "../../base/log.ts";
import type { RunningCore } from "../../core/createCore.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../gateway/createGateway.ts";
import { createPhoneFiles } from "../phoneFiles.ts";
import { keepOwnToken } from "../settings/gatewayTokens.ts";
import type { Leading } from "./leading.ts";
import { publishGateway } from "./publishGateway.ts";

/** Serves, publishes where, and follows the configuration from then on. */
export async function serveGateway(
  leading: Leading,
  core: RunningCore,
  { audit, onCall }: Pick<GatewayOptions, "audit" | "onCall">,
): Promise<Gateway> {
  const { host, lease, clock, log, redactor, configuration, settings, closing } = leading;
  const begunWith = configuration.current();
  const { tokens, address, ...served } = await settings.serving();
  let publishSoon = (): void => {};
  let last: Promise<unknown> = Promise.resolve();
  /** One after another: a change of the configuration that has read the tokens puts none back that is rotated meanwhile. */
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work);
    last = done.catch(() => {});
    await done;
  };
  const gateway = await createGateway({
    ...{ core, tokens, ...address, ...served, audit, onCall, logs: log, log, clock },
    ...{ stateDir: host.stateDir, version: host.version, nonce: lease.nonce },
    phoneFiles: createPhoneFiles(),
    hooks: () => configuration.current().webhooks,
    onPhonesChanged: () => core.tell({ type: "gateway.changed", reason: "phones" }),
    onRenewed: () => publishSoon(),
    async onTokenRotated(name, value) {
      await inTurn(() => keepOwnToken(configuration.current(), host.stateDir, name, value));
      redactor.add(value);
      // The file that clients look into follows when the token counts.
      setImmediate(() => publishSoon());
    },
  });
  closing.add("the server", () => gateway.close());
  const published = await publishGateway(leading, gateway);
  let isOver = false;
  /** The last good address stays when the new one cannot be had. */
  const next = (work: () => Promise<void>) => {
    if (isOver) return;
    inTurn(work).catch((error: unknown) => {
      log.error("The changed address could not be taken over; the gateway is served where it was", {
        error: describeError(error),
      });
    });
  };
  publishSoon = () => next(published.again);
  const follow = () => {
    next(async () => {
      try {
        await gateway.reconfigure(await settings.serving());
        configuration.note();
      } catch (error) {
        configuration.note(`The gateway is still served at ${gateway.url}: ${(error as Error).message}`);
        throw error;
      } finally {
        // The tokens are new ones also where the address is not.
        await published.again();
      }
    });
    core.tell({ type: "gateway.changed", reason: "configuration" });
  };
  const following = configuration.onDidChange(follow);
  // While it began to serve.
  if (configuration.current() !== begunWith) follow();
  closing.add("the configuration's changes", async () => {
    following.dispose();
    // What is written after this is not taken away again.
    isOver = true;
    await last;
  });
  return gateway;
}
