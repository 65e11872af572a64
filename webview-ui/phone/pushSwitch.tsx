import { useState } from "preact/hooks";
import { canPush, switchOff, switchOn } from "./phonePush.ts";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";

/** Whether the phone is told of what waits while the page is not open. */
export function PushSwitch({ phone }: { phone: PhoneState }) {
  const [isBusy, setBusy] = useState(false);
  const { self, pushKey, gateway } = phone;
  if (!self.value) return null;
  if (!canPush()) return <p class="quiet">{phoneWords.tellCannot}</p>;
  const isOn = self.value.push;
  const press = async () => {
    setBusy(true);
    const isDone = await phone.attempt(() => (isOn ? switchOff(gateway) : switchOn(gateway, pushKey.value!)));
    if (isDone && self.value) self.value = { ...self.value, push: !isOn };
    setBusy(false);
  };
  const { pushFault } = self.value;
  return (
    <>
      {isOn && pushFault !== undefined && <p class="quiet">{phoneWords.tellFailed(pushFault)}</p>}
      <button
        type="button"
        class="button"
        disabled={isBusy || pushKey.value === undefined}
        onClick={() => void press()}
      >
        {isOn ? phoneWords.tellMeNot : phoneWords.tellMe}
      </button>
    </>
  );
}
