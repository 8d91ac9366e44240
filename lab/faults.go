package lab

import (
	"context"
)

// Kill ends the host as SIGKILL ends a process: its kernel, so to speak, still
// closes its connections. For a power failure, Cut it first.
func (h *Host) Kill(ctx context.Context) error {
	_, err := docker(ctx, "kill", h.container())
	return err
}

// Revive starts a killed host again and waits till sshd and the Docker engine
// answer. Disk and engine state are what they were; a cut is mended. Its
// address may be another one, its name is not.
func (h *Host) Revive(ctx context.Context) error {
	if _, err := docker(ctx, "start", h.container()); err != nil {
		return err
	}
	if err := h.await(ctx, h.answers()...); err != nil {
		return err
	}
	if !h.lab.delayed {
		return nil
	}
	return h.lab.lead(ctx)
}

// answers returns the check that shows that a part is up.
func (h *Host) answers() []string {
	switch h {
	case h.lab.Registry:
		return []string{"5000"}
	case h.lab.Balancer:
		return []string{"80"}
	case h.lab.Deployer:
		return []string{"engine"}
	}
	return []string{"engine", "22"}
}

// Pause freezes all processes of the host; its kernel still takes connections.
func (h *Host) Pause(ctx context.Context) error {
	_, err := docker(ctx, "pause", h.container())
	return err
}

// Unpause resumes a paused host.
func (h *Host) Unpause(ctx context.Context) error {
	_, err := docker(ctx, "unpause", h.container())
	return err
}

// Cut loses every packet from and to the host, as a pulled cable does: nobody
// is told, and connections stay open on both sides.
func (h *Host) Cut(ctx context.Context) error {
	return h.packets(ctx, "-I")
}

// Mend ends a cut. Connections that are still open continue.
func (h *Host) Mend(ctx context.Context) error {
	return h.packets(ctx, "-D")
}

// packets drops before and after all that the host's Docker engine has set up,
// so that the containers of the host are cut off, too.
func (h *Host) packets(ctx context.Context, change string) error {
	const script = `iptables -w -t raw "$1" PREROUTING -i eth0 -j DROP
iptables -w -t mangle "$1" POSTROUTING -o eth0 -j DROP`
	_, err := h.Exec(ctx, "/bin/bash", "-ec", script, "cut", change)
	return err
}
