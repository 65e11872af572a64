import { CHANNELS, type ChannelName } from "../../protocol/outside/channelNames.ts";
import { describeError } from "../../base/log.ts";
import type { Core } from "../../core/core.ts";
import type { ChannelRestart } from "../../core/ports/outside/channelDesk.ts";
import { webhookOf } from "./channelSettings.ts";
import { openPicture } from "../readable.ts";
import type { Leading } from "../leading/leading.ts";

type Running = { of: string; close(): Promise<void> };

/** Runs the chat networks of the configuration while this process leads, and follows its changes: each by itself. */
export function startChannels(leading: Leading, core: Core): void {
  for (const id of CHANNELS) startChannel(leading, core, id);
}

function startChannel(leading: Leading, core: Core, id: ChannelName): void {
  const { configuration, settings, host, redactor, log, closing } = leading;
  const variable = `${id.toUpperCase()}_BOT_TOKEN`;
  let running: Running | undefined;
  let isOver = false;
  const follow = async (wanted?: ChannelRestart): Promise<void> => {
    const network = configuration.current().channels[id];
    const token = network && (network.token ?? (await host.secret(`${id}.token`)) ?? process.env[variable]);
    const of = JSON.stringify([network, token]);
    if (running?.of === of && !wanted) return;
    await running?.close();
    running = undefined;
    if (isOver || !network) return;
    const report = (error: string) => core.channels.report(id, { state: "failed", error });
    if (token === undefined) return report(`No token is known: store one, or set channels.${id}.token or ${variable}`);
    try {
      // Most have no channel, and load none of this.
      const [{ openers }, { runChannel }] = await Promise.all([
        import("../../channels/index.ts"),
        import("../../channels/running/runChannel.ts"),
      ]);
      const channel = await openers[id]({
        token,
        apiRoot: network.apiRoot,
        webhook: webhookOf(configuration.current(), id),
        agent: core,
      });
      const { deleteWebhook = false } = wanted ?? {};
      const owner = host.name;
      const started = runChannel({
        agent: core,
        channel,
        owner,
        redact: redactor.text,
        openPicture: (folder, path) => openPicture(folder, path, settings.agent(folder).rules ?? []),
        deleteWebhook,
      });
      running = { of, close: () => started.close() };
    } catch (error) {
      report(describeError(error));
    }
  };
  // One after another: a channel that is changed twice is run once.
  let last = Promise.resolve();
  const next = (wanted?: ChannelRestart): void => {
    if (wanted && wanted.channel !== id) return;
    last = last
      .then(() => follow(wanted))
      .catch((error: unknown) => {
        log.error("A channel of the configuration could not be taken over", { id, error: describeError(error) });
      });
  };
  next();
  const following = configuration.onDidChange(() => next());
  const restarting = core.channels.onRestart(next);
  closing.add(`the channel ${id}`, async () => {
    following.dispose();
    restarting.dispose();
    isOver = true;
    await last;
    await running?.close();
  });
}
