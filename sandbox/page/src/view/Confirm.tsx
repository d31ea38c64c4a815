import { useCallback, useState, type ReactNode } from "react";
import { TextObject, plain } from "../text/TextObject";
import type { Json } from "../types";
import { Dialog } from "./Dialog";

interface Asked {
  dialog: Json;
  settle: (yes: boolean) => void;
}

/** Asks "are you sure?" and waits for the answer. */
export function useConfirm(): [(dialog: Json) => Promise<boolean>, ReactNode] {
  const [asked, setAsked] = useState<Asked | null>(null);
  const confirm = useCallback((dialog: Json) => new Promise<boolean>((settle) => setAsked({ dialog, settle })), []);
  const answer = (yes: boolean) => {
    asked?.settle(yes);
    setAsked(null);
  };
  return [confirm, asked && <ConfirmFrame dialog={asked.dialog} onAnswer={answer} />];
}

export function ConfirmFrame({ dialog, onAnswer }: { dialog: Json; onAnswer: (yes: boolean) => void }): ReactNode {
  const danger = dialog.style === "danger";
  return (
    <Dialog role="alertdialog" label={plain(dialog.title) || "Are you sure?"} onEscape={() => onAnswer(false)} className="dialog-small">
      <header className="dialog-head"><h2>{plain(dialog.title) || "Are you sure?"}</h2></header>
      <div className="dialog-body">{typeof dialog.text === "string" ? dialog.text : <TextObject text={dialog.text} />}</div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={() => onAnswer(false)}>{plain(dialog.deny) || "Cancel"}</button>
        <button type="button" data-first-focus className={danger ? "button button-danger-full" : "button button-primary"} onClick={() => onAnswer(true)}>{plain(dialog.confirm) || "Yes"}</button>
      </footer>
    </Dialog>
  );
}
