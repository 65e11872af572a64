import { useComputed } from "@preact/signals";
import { acceptedPlan } from "../../src/protocol/context/acceptedPlan.ts";
import type { Message } from "../../src/protocol/message.ts";
import { Icon } from "../parts/icon.tsx";
import { strings } from "../parts/strings.ts";
import { usePanel } from "../state/panelContext.ts";

/** Ends the plan that holds by this message; nothing where none does by it, or while the session is at work. */
export function EndPlan({ of }: { of: Message }) {
  const { session, gateway } = usePanel();
  const isShown = useComputed(
    () => !session.isBusy.value && acceptedPlan<Message>(session.state.messages.value) === of,
  );
  if (!isShown.value) return null;
  const end = () =>
    session.attempt(async () => {
      await gateway.call("plans.end", { sessionKey: session.key.value });
    });
  return (
    <button type="button" class="quiet-toggle" onClick={() => void end()}>
      <Icon name="circle-slash" />
      {strings.endPlan}
    </button>
  );
}
