import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import type { Json } from "../types";
import { Popup } from "./Popup";

export interface Choice {
  value: string;
  label: string;
  description?: string;
  group?: string;
  /** The option as the app gave it. */
  option?: Json;
}

interface Props {
  id: string;
  label?: string;
  placeholder: string;
  chosen: Choice[];
  multi: boolean;
  max?: number;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string;
  autoFocus?: boolean;
  /** Looks choices up for a query; the page asks again as the query changes. */
  search: (query: string) => Promise<Choice[]>;
  minQuery?: number;
  onChoose: (choices: Choice[]) => void;
  /** A list of several was closed after a change. */
  onDone?: (choices: Choice[]) => void;
}

/** A select with search, for one choice or several. */
export function Picker(props: Props): ReactNode {
  const { chosen, multi, placeholder } = props;
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const changed = useRef(false);
  const close = () => {
    setOpen(false);
    if (changed.current) props.onDone?.(props.chosen);
    changed.current = false;
  };
  const choose = (choice: Choice) => {
    if (!multi) {
      props.onChoose([choice]);
      setOpen(false);
      trigger.current?.focus();
      return;
    }
    const has = chosen.some((c) => c.value === choice.value);
    if (!has && props.max && chosen.length >= props.max) return;
    changed.current = true;
    props.onChoose(has ? chosen.filter((c) => c.value !== choice.value) : [...chosen, choice]);
  };
  const drop = (choice: Choice) => {
    const rest = chosen.filter((c) => c.value !== choice.value);
    props.onChoose(rest);
    if (!open) props.onDone?.(rest);
  };
  return (
    <div className={multi ? "picker picker-multi" : "picker"}>
      {multi && chosen.length > 0 && (
        <ul className="chips" aria-label="Chosen">
          {chosen.map((choice) => (
            <li key={choice.value} className="chip">
              {choice.label}
              <button type="button" aria-label={`Remove ${choice.label}`} onClick={() => drop(choice)}>×</button>
            </li>
          ))}
        </ul>
      )}
      <button
        ref={trigger}
        id={props.id}
        type="button"
        role="combobox"
        className="select"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-controls={`${props.id}-list`}
        aria-label={props.label}
        aria-invalid={props.invalid || undefined}
        aria-describedby={props.describedBy}
        disabled={props.disabled}
        autoFocus={props.autoFocus}
        onClick={() => (open ? close() : setOpen(true))}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || open) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {!multi && chosen[0] ? <span>{chosen[0].label}</span> : <span className="select-placeholder">{placeholder}</span>}
        <span className="select-arrow" aria-hidden="true" />
      </button>
      {open && (
        <Popup anchor={trigger} onClose={close} className="picker-popup" wide tabLeaves>
          <ChoiceList {...props} onPick={choose} />
        </Popup>
      )}
    </div>
  );
}

function ChoiceList({ id, chosen, multi, search, minQuery = 0, onPick }: Props & { onPick: (choice: Choice) => void }): ReactNode {
  const [query, setQuery] = useState("");
  const [choices, setChoices] = useState<Choice[] | null>(null);
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const hint = useId();
  const short = query.trim().length < minQuery;
  const ask = useRef(search);
  ask.current = search;

  useEffect(() => {
    let stale = false;
    if (short) {
      setChoices(null);
      return undefined;
    }
    void ask.current(query.trim()).then((found) => {
      if (stale) return;
      setChoices(found);
      setActive(0);
    });
    return () => {
      stale = true;
    };
  }, [query, short]);
  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const onKeyDown = (event: KeyboardEvent) => {
    const count = choices?.length ?? 0;
    if (event.key === "ArrowDown") setActive((n) => Math.min(count - 1, n + 1));
    else if (event.key === "ArrowUp") setActive((n) => Math.max(0, n - 1));
    else if (event.key === "Enter" && choices?.[active]) onPick(choices[active]);
    else return;
    event.preventDefault();
  };
  const words = short ? `Type ${minQuery === 1 ? "a letter" : `${minQuery} letters`} to search.` : choices === null ? "Searching…" : choices.length ? "" : "No results";
  return (
    <>
      <input
        className="text picker-search"
        type="search"
        aria-label="Search options"
        aria-controls={`${id}-list`}
        aria-activedescendant={choices?.[active] ? `${id}-o${active}` : undefined}
        aria-describedby={hint}
        placeholder="Search"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={onKeyDown}
        autoFocus
      />
      <div id={hint} role="status" className="picker-status">{words}</div>
      <ul ref={list} id={`${id}-list`} role="listbox" aria-multiselectable={multi || undefined} className="picker-list">
        {(choices ?? []).map((choice, n) => {
          const selected = chosen.some((c) => c.value === choice.value);
          const heading = choice.group && choice.group !== choices?.[n - 1]?.group ? choice.group : null;
          return (
            <ChoiceRow key={`${choice.group ?? ""}${choice.value}`} id={`${id}-o${n}`} {...{ choice, selected, heading }} active={n === active} onPick={() => onPick(choice)} />
          );
        })}
      </ul>
    </>
  );
}

interface RowProps {
  id: string;
  choice: Choice;
  selected: boolean;
  active: boolean;
  heading: string | null;
  onPick: () => void;
}

function ChoiceRow({ id, choice, selected, active, heading, onPick }: RowProps): ReactNode {
  return (
    <>
      {heading && <li role="presentation" className="picker-group">{heading}</li>}
      <li id={id} role="option" aria-selected={selected} data-active={active} className="picker-option" onClick={onPick}>
        <span className="picker-tick" aria-hidden="true">{selected ? "✓" : ""}</span>
        <span>
          {choice.label}
          {choice.description && <small>{choice.description}</small>}
        </span>
      </li>
    </>
  );
}
