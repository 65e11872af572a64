import { isAppError } from "../../base/appError.ts";
import { visibleLine } from "../../base/text/visible.ts";
import type { ListedChannel } from "../../protocol/outside/channelState.ts";
import { broken, type Check, type Finding, ok, warning } from "./check.ts";

// Over what is under way the network says that something waits for a moment.
const MANY_PENDING = 10;

/** Chat networks as the gateway knows them, which runs them; without one nothing is known. */
export const channels: Check = {
  name: "Channels",
  async run({ client }) {
    try {
      return (await client?.get("channels.list", {}))?.channels.flatMap(toFindings) ?? [];
    } catch (error) {
      if (isAppError(error)) return [];
      throw error;
    }
  },
};

function toFindings({ id, state, account, error, webhook, inDoubt, refusal }: ListedChannel): Finding[] {
  const restart = `Mend it, then: pincer channels restart --channel ${id} (docs/channels.md)`;
  const found: Finding[] = [];
  if (error !== null) found.push((state === "failed" ? broken : warning)(`${id}: ${visibleLine(error, 400)}`, restart));
  if (webhook && error === null && webhook.pending >= MANY_PENDING)
    found.push(warning(`${id}: ${webhook.pending} messages wait to be posted to ${webhook.url}`, restart));
  if (webhook && error === null && webhook.lastError !== null) {
    const { lastError, lastErrorAt } = webhook;
    found.push(
      ok(`${id}: at ${lastErrorAt} something could not be posted, and was later: ${visibleLine(lastError, 300)}`),
    );
  }
  if (inDoubt > 0)
    found.push(warning(`${id}: ${inDoubt} messages may not have arrived`, "/again in the chat sends them once more"));
  if (refusal !== null)
    found.push(warning(`${id}: not taken by the network, ${visibleLine(refusal, 300)}`, "Look at that chat"));
  const how = webhook ? `${state}, by webhook at ${webhook.url}` : state;
  return found.length > 0 ? found : [ok(`${id}: ${how}${account === null ? "" : ` as ${account}`}`)];
}
