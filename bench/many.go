package main

import (
	"context"
	"fmt"
	"time"
)

// manyHosts are names of one host: what is measured is the client, and how it bears with an sshd
// that takes few logins at a time.
const manyHosts = 300

const (
	nameThem = `cd / && mkdir -p /many/config
address=$(getent hosts vm1 | cut -d ' ' -f 1)
for i in $(seq %[1]d); do echo "$address n$i"; done >>/etc/hosts
{
  printf 'service: many\nimage: many\nregistry: {server: "localhost:5000"}\nbuilder: {arch: amd64}\nservers:\n'
  for i in $(seq %[1]d); do echo "  - n$i"; done
} >/many/config/deploy.yml`
	manyByMrsk = "cd /many && exec mrsk --quiet server exec true"
	// Eight at a time are below the ten at which an sshd begins to drop connections.
	manyByHand = "seq %d | xargs -P 8 -I{} ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new root@n{} true"
)

// The most that one command on that many hosts may need.
const (
	manyRatio = 1.1
	manyCPU   = 1500 * time.Millisecond
	manyPeak  = 150 << 10 // KiB
)

// many runs one small command on many hosts. A first run of each fills in known_hosts.
func (s *site) many(ctx context.Context, t *table) error {
	if _, err := s.sh(ctx, fmt.Sprintf(nameThem, manyHosts)); err != nil {
		return err
	}
	var mine, theirs sample
	for range 2 {
		var err error
		if theirs, err = s.inside(ctx, "sh", "-c", fmt.Sprintf(manyByHand, manyHosts)); err != nil {
			return err
		}
		if mine, err = s.inside(ctx, "sh", "-c", manyByMrsk); err != nil {
			return err
		}
	}
	ratio := mine.Total.Seconds() / theirs.Total.Seconds()
	name := fmt.Sprintf("true on %d hosts", manyHosts)
	t.add(name, seconds(mine.Total), seconds(theirs.Total), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %.2f", manyRatio), verdictOn(ratio <= manyRatio))
	t.add(name+", CPU", seconds(mine.CPU), seconds(theirs.CPU), "", "≤ "+seconds(manyCPU), verdictOn(mine.CPU <= manyCPU))
	t.add(name+", peak memory", megabytes(mine.Peak), "", "", "≤ 150 MB", verdictOn(mine.Peak <= manyPeak))
	return nil
}

func megabytes(kib int) string { return fmt.Sprintf("%.0f MB", float64(kib)/1024) }
