import { Button, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ToldPreset } from "../../../shared/safety/target-answers.ts";
import { Choices } from "../../ui/choices.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { usePreferences } from "../../ui/preferences.ts";
import { isField, settingsOf, type TargetField, typedFor } from "./settings-of.ts";
import classes from "./targets.module.css";
import { TestOutcome } from "./test-outcome.tsx";
import type { Typed, useTargets } from "./use-targets.ts";

/** One more place: what kind it is, what opens it, a test, and one tap. */
export function AddTarget({
  presets,
  targets,
  onDone,
}: {
  presets: readonly ToldPreset[];
  targets: ReturnType<typeof useTargets>;
  onDone: () => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const { language } = usePreferences();
  const [preset, setPreset] = useState<ToldPreset>();
  const [typed, setTyped] = useState<Typed>({});
  const [name, setName] = useState("");
  const [stands, setStands] = useState<Stands>("inShop");
  const { busy, test, tryOut, add, forget } = targets;
  const choose = (id: string) => {
    const chosen = presets.find((known) => known.id === id);
    if (!chosen) return;
    forget();
    setPreset(chosen);
    setTyped(typedFor(chosen));
    setName(chosen.name[language].slice(0, 40));
    setStands(chosen.kind === "s3" || chosen.id === "jianguoyun" ? "offSite" : "inShop");
  };
  const change = (field: string, value: string) => {
    forget();
    setTyped((before) => ({ ...before, [field]: value }));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!preset) return;
    const settings = settingsOf(preset, typed);
    const place = { offSite: stands === "offSite", offline: stands === "offline" };
    if (await add({ name: name.trim(), settings, ...place })) onDone();
  };
  return (
    <Section title={tell("targets.add")}>
      <Choices
        label={tell("targets.which")}
        value={preset?.id}
        choices={presets.map(({ id, name: names }) => ({ value: id, label: names[language] }))}
        onChoose={choose}
        showLabel
      />
      {preset && (
        <form
          className={`sheet ${classes.form}`}
          onSubmit={(event) => void submit(event)}
          noValidate
        >
          <Notice>{preset.hints[language]}</Notice>
          <TextInput
            label={tell("targets.name")}
            value={name}
            maxLength={80}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {preset.asks.filter(isField).map((field) => (
            <Field
              key={field}
              field={field}
              isOptional={preset.optional.includes(field)}
              value={typed[field] ?? ""}
              onChange={(value) => change(field, value)}
            />
          ))}
          <Choices
            label={tell("targets.stands")}
            value={stands}
            choices={standings.map((value) => ({ value, label: tell(`targets.${value}`) }))}
            onChoose={setStands}
            showLabel
          />
          {test && <TestOutcome test={test} onTrust={(key) => change("hostKey", key)} />}
          <div className={classes.buttons}>
            <Button
              variant="default"
              size="lg"
              loading={busy === "test"}
              disabled={busy !== undefined}
              onClick={() => void tryOut(settingsOf(preset, typed))}
            >
              {tell("targets.test")}
            </Button>
            <Button
              type="submit"
              size="lg"
              loading={busy === "add"}
              disabled={busy !== undefined || name.trim() === ""}
            >
              {tell("targets.keep")}
            </Button>
            <Button variant="subtle" onClick={onDone} disabled={busy !== undefined}>
              {tell("targets.cancel")}
            </Button>
          </div>
        </form>
      )}
    </Section>
  );
}

const standings = ["inShop", "offSite", "offline"] as const;
type Stands = (typeof standings)[number];

const secret: readonly TargetField[] = ["password", "passphrase", "secretKey"];
const long: readonly TargetField[] = ["privateKey", "authority"];

function Field({
  field,
  isOptional,
  value,
  onChange,
}: {
  field: TargetField;
  isOptional: boolean;
  value: string;
  onChange: (value: string) => void;
}): ReactNode {
  const { t: tell } = useTranslation("safety");
  const label = tell(`targets.fields.${field}`);
  const shared = {
    label: isOptional ? tell("targets.optional", { label }) : label,
    value,
    autoCapitalize: "none",
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  if (secret.includes(field))
    return <TextInput {...shared} type="password" autoComplete="new-password" />;
  if (long.includes(field)) return <Textarea {...shared} autosize minRows={2} maxRows={6} />;
  return <TextInput {...shared} autoComplete="off" />;
}
