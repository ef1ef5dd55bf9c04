import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { eraseHere, type Moved } from "../../shop/moving.ts";
import { useShopState } from "../../shop/use-shop.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Poster } from "../../ui/poster.tsx";

/** What is left at the old address: where to go, and a copy that is not needed any more. */
export function MovedPage({ moved, onLook }: { moved: Moved; onLook: () => void }): ReactNode {
  const { t } = useTranslation();
  const { unsent } = useShopState();
  const [step, setStep] = useState<"" | "sure" | "erasing" | "erased">("");
  const { name, origin } = moved;
  const erase = eraseHere();
  const go = (
    <Button component="a" size="xl" href={`${origin}/`}>
      {t("address.done.go", { host: new URL(origin).host })}
    </Button>
  );
  if (step === "erased")
    return (
      <Poster title={t("address.done.title")} lead={t("address.done.erased")}>
        {go}
      </Poster>
    );
  return (
    <Poster
      title={t("address.done.title")}
      lead={name === undefined ? t("address.done.textBare") : t("address.done.text", { name })}
    >
      {go}
      {unsent > 0 && (
        <Notice tone="warning" live>
          {t("address.done.unsent", { n: unsent })}
        </Notice>
      )}
      <Button variant="default" onClick={onLook}>
        {t("address.done.look")}
      </Button>
      {erase && unsent === 0 && (
        <>
          <Button
            variant="subtle"
            loading={step === "erasing"}
            onClick={() => {
              if (step !== "sure") return setStep("sure");
              setStep("erasing");
              erase().then(
                () => setStep("erased"),
                // The shop is closed already: what is left of it is opened anew.
                () => location.reload(),
              );
            }}
          >
            {step === "sure" ? t("address.done.eraseSure") : t("address.done.erase")}
          </Button>
          <p className="caption" style={{ margin: 0, textAlign: "center" }}>
            {t("address.done.eraseNote")}
          </p>
        </>
      )}
    </Poster>
  );
}
