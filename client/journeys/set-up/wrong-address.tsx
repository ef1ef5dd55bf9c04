import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isThisComputer, type PermanentAddress } from "../../shop/permanent-address.ts";
import { Poster } from "../../ui/poster.tsx";

/** A device that is about to become one of the shop's, under an address that the others do not use. */
export function WrongAddress({
  address: { origin, join },
  onStay,
}: {
  address: PermanentAddress;
  onStay: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { host, hostname, pathname, hash } = location;
  const isServer = isThisComputer(hostname);
  return (
    <Poster
      title={t("address.arrival.title")}
      lead={t("address.arrival.text", { here: host, origin })}
    >
      {isServer && <p style={{ margin: 0 }}>{t("address.arrival.local", { here: host })}</p>}
      <Button size="xl" component="a" href={`${origin}${pathname}${hash}`}>
        {t("address.arrival.go", { host: new URL(origin).host })}
      </Button>
      {join && (
        <Button variant="default" component="a" href={join}>
          {t("address.arrival.trust")}
        </Button>
      )}
      <Button variant="subtle" onClick={onStay}>
        {t("address.arrival.stay")}
      </Button>
    </Poster>
  );
}
