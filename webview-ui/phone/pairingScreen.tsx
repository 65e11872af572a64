import { useState } from "preact/hooks";
import type { PhoneState } from "./phoneState.ts";
import { phoneWords } from "./phoneWords.ts";

/** How to come in, and where the letters go that a camera did not bring. */
export function PairingScreen({ phone }: { phone: PhoneState }) {
  const [code, setCode] = useState("");
  const [isShort, setShort] = useState(false);
  const enter = (event: Event) => {
    event.preventDefault();
    const letters = code.replaceAll(/[^a-z]/gi, "");
    setShort(letters.length !== 8);
    if (letters.length === 8) void phone.enter(letters);
  };
  const isPairing = phone.isPairing.value;
  return (
    <section class="screen pairing" aria-labelledby="pair-title">
      <h2 id="pair-title">{phoneWords.pairTitle}</h2>
      <p>{phoneWords.pairHow}</p>
      <form onSubmit={enter} noValidate>
        <label for="code">{phoneWords.code}</label>
        <input
          id="code"
          value={code}
          disabled={isPairing}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          maxLength={12}
          aria-invalid={isShort}
          aria-describedby={isShort ? "code-fault" : undefined}
          onInput={({ currentTarget }) => setCode(currentTarget.value)}
        />
        {isShort && (
          <p id="code-fault" class="fault" role="alert">
            {phoneWords.codeShort}
          </p>
        )}
        <button type="submit" class="button primary" disabled={isPairing}>
          {isPairing ? phoneWords.pairing : phoneWords.pair}
        </button>
      </form>
      <p class="quiet">{phoneWords.pairHome}</p>
    </section>
  );
}
