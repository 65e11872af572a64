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
  const gateway = await createGateway({
    ...{ core, tokens, ...address, ...served, audit, onCall, logs: log, log, clock },
    ...{ stateDir: host.stateDir, version: host.version, nonce: lease.nonce },
    phoneFiles: createPhoneFiles(),
    hooks: () => configuration.current().webhooks,
    onPhonesChanged: () => core.tell({ type: "gateway.changed", reason: "phones" }),
    onRenewed: () => publishSoon(),
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
        error: describeError(error),
      });
    });
  };
  publishSoon = () => next(published.again);
  const follow = () => {
    next(async () => {
      await gateway.reconfigure(await settings.serving());
      await published.again();
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
