/** What the operating system knows of the machine in its network. */
export interface Machine {
  /** as the system calls it, `desktop-1` or `Foos-Mac.local`; may be empty */
  hostName(): string;
  /** addresses in networks, without the machine's own loopback */
  addresses(): readonly NetworkAddress[];
  /** whether a connection from this address comes from the machine itself */
  isItself(address: string): boolean;
}

export interface NetworkAddress {
  /** without a zone: `192.168.1.20`, `fd12::1` */
  address: string;
  /** the system's name of the interface: `eth0`, `Wi-Fi`, `docker0` */
  network: string;
}
