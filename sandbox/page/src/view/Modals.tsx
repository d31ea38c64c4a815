import { useContext, useEffect, useMemo, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Blocks } from "../blocks/Blocks";
import { fieldErrors, fromServer, initialState } from "../blocks/state";
import { ActionsContext, SurfaceProvider, draftValues } from "../blocks/surface";
import { useNames } from "../text/names";
import { plain } from "../text/TextObject";
import type { Json, Modal } from "../types";
import { Avatar } from "./Avatar";
import { Dialog } from "./Dialog";
import { Icon } from "./Icon";

/** Drafts of open modals, by modal: one under another keeps what was typed. */
const kept = new Map<string, Map<string, Json>>();

function draftsOf(id: string): Map<string, Json> {
  let drafts = kept.get(id);
  if (!drafts) kept.set(id, (drafts = new Map()));
  return drafts;
}

/** The stack of modals; the last one is on top and the only one shown. */
export function Modals({ modals }: { modals: Modal[] }): ReactNode {
  useEffect(() => {
    const open = new Set(modals.map((m) => m.id));
    for (const id of kept.keys()) if (!open.has(id)) kept.delete(id);
  }, [modals]);
  const top = modals[modals.length - 1];
  if (!top) return null;
  return <TopModal key={top.id} modal={top} depth={modals.length} />;
}

function TopModal({ modal, depth }: { modal: Modal; depth: number }): ReactNode {
  const { act } = useContext(ActionsContext);
  const [waiting, setWaiting] = useState<"" | "submit" | "close">("");
  const [local, setLocal] = useState<Record<string, string>>({});
  const [mended, setMended] = useState<Set<string>>(new Set());
  const drafts = draftsOf(modal.id);
  const body = useRef<HTMLDivElement>(null);
  const blocks = (modal.view.blocks ?? []) as Json[];
  const busy = waiting === "submit" || Boolean(modal.busy);

  const errors = useMemo(() => {
    const server = Object.entries(modal.errors ?? {}).filter(([block]) => !mended.has(block));
    return { ...Object.fromEntries(server), ...local };
  }, [modal.errors, local, mended]);
  const close = async (all = false) => {
    if (waiting) return;
    setWaiting("close");
    await act(all ? { do: "close", all: true } : { do: "close" });
    setWaiting("");
  };
  const submit = async () => {
    if (busy) return;
    const valueOf = (block: Json) => {
      const element = block.element as Json;
      const server = modal.values?.[block.block_id]?.[element.action_id];
      return drafts.get(`${block.block_id}/${element.action_id}`) ?? (server ? fromServer(server, element) : initialState(element));
    };
    const found = fieldErrors(blocks, valueOf);
    setLocal(found);
    setMended(new Set());
    if (Object.keys(found).length > 0) return showFirstError();
    setWaiting("submit");
    await act({ do: "submit", values: draftValues(drafts) });
    setWaiting("");
    showFirstError();
  };
  const showFirstError = () => {
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  const onChange = (blockId: string) => {
    setMended((before) => new Set(before).add(blockId));
    setLocal(({ [blockId]: _gone, ...rest }) => rest);
  };
  return (
    <Dialog label={plain(modal.view.title)} onEscape={() => void close()} className="modal">
      <ModalFrame
        view={modal.view}
        depth={depth}
        busy={busy}
        onBack={() => void close()}
        onCloseAll={() => void close(depth > 1)}
        onClose={() => void close()}
        onSubmit={() => void submit()}
      >
        <div ref={body} className="dialog-body">
          <SurfaceProvider id={`v${modal.id}`} kind="modal" where="modal" values={modal.values} errors={errors} drafts={drafts} onChange={onChange}>
            <Blocks blocks={blocks} />
          </SurfaceProvider>
        </div>
      </ModalFrame>
    </Dialog>
  );
}

interface FrameProps {
  view: Json;
  depth: number;
  busy: boolean;
  children: ReactNode;
  onBack?: () => void;
  onCloseAll?: () => void;
  onClose?: () => void;
  onSubmit?: () => void;
}

/** Title, body and buttons of a modal. */
export function ModalFrame({ view, depth, busy, children, onBack, onCloseAll, onClose, onSubmit }: FrameProps): ReactNode {
  const names = useNames();
  const app = names.apps.find((a) => a.id === view.app_id) ?? names.apps[0];
  const submits = Boolean(view.submit);
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <form className="modal-form" onSubmit={send} noValidate aria-busy={busy}>
      <header className="dialog-head">
        {depth > 1 && <button type="button" className="icon-button" aria-label="Back" title="Back" onClick={onBack}><Icon name="back" /></button>}
        <Avatar id={app?.bot_user ?? ""} name={app?.name ?? "App"} app size={28} />
        <h2>{plain(view.title)}</h2>
        <button type="button" className="icon-button dialog-x" aria-label={depth > 1 ? "Exit all" : "Exit"} title="Exit" onClick={onCloseAll}><Icon name="close" /></button>
      </header>
      {children}
      <footer className="dialog-foot">
        {busy && <span className="faint" role="status">Sending…</span>}
        <button type="button" className="button" onClick={onClose} disabled={busy}>{plain(view.close) || (submits ? "Cancel" : "Close")}</button>
        {submits && <button type="submit" className="button button-primary" disabled={busy}>{plain(view.submit)}</button>}
      </footer>
    </form>
  );
}
