package lab

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// SetRTT sets the round-trip time of SSH from the deployer to all hosts, of
// open connections too, once there has been one. Names and ports stay as they
// are: the deployer's kernel leads what goes to port 22 of a host to a relay,
// and the relay reaches the host on port 2222. Other ports have no delay.
func (l *Lab) SetRTT(ctx context.Context, rtt time.Duration) error {
	if rtt == 0 && !l.delayed {
		return nil
	}
	if err := l.Deployer.Write(ctx, rttFile, 0o644, []byte(rtt.String()+"\n")); err != nil {
		return err
	}
	if err := l.startRelays(ctx); err != nil {
		return err
	}
	l.delayed = rtt > 0
	return l.lead(ctx)
}

const (
	rttFile   = "/run/lab/rtt"
	relayBase = 2200 // the relay to vm3 listens on 2203
)

// startRelays starts them, or tells those that run to read the file again.
func (l *Lab) startRelays(ctx context.Context) error {
	if l.relaysRun(ctx) {
		_, err := l.Deployer.Exec(ctx, "pkill", "-HUP", "-f", "^lab relay")
		return err
	}
	const script = `mkdir -p /run/lab
while [ $# -gt 0 ]; do
  setsid lab relay --listen ":$1" --to "$2:2222" --rtt-file ` + rttFile + ` > /run/lab/relay-$2 2>&1 < /dev/null &
  ports="${ports:-} $1"
  shift 2
done
/lab/ready $ports`
	args := []string{"/bin/bash", "-ec", script, "relays"}
	for i, h := range l.Hosts {
		args = append(args, fmt.Sprint(relayBase+i+1), h.Name)
	}
	_, err := l.Deployer.Exec(ctx, args...)
	return err
}

func (l *Lab) relaysRun(ctx context.Context) bool {
	_, err := l.Deployer.Exec(ctx, "pgrep", "-f", "^lab relay")
	return err == nil
}

// lead rewrites the deployer's firewall rules, which contain the current addresses of hosts.
func (l *Lab) lead(ctx context.Context) error {
	const script = `iptables -w -t nat -N LAB 2> /dev/null || iptables -w -t nat -F LAB
iptables -w -t nat -C OUTPUT -j LAB 2> /dev/null || iptables -w -t nat -I OUTPUT -j LAB
while [ $# -gt 0 ]; do
  address=$(getent hosts "$2" | cut -d ' ' -f 1)
  [ -z "$address" ] || iptables -w -t nat -A LAB -p tcp -d "$address" --dport 22 -j REDIRECT --to-ports "$1"
  shift 2
done`
	args := []string{"/bin/bash", "-ec", script, "lead"}
	if l.delayed {
		for i, h := range l.Hosts {
			args = append(args, fmt.Sprint(relayBase+i+1), h.Name)
		}
	}
	_, err := l.Deployer.Exec(ctx, args...)
	return err
}

// RTT returns the current round-trip time of SSH.
func (l *Lab) RTT(ctx context.Context) (time.Duration, error) {
	if !l.delayed {
		return 0, nil
	}
	content, err := l.Deployer.ReadFile(ctx, rttFile)
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(strings.TrimSpace(string(content)))
}
