package lab

import (
	"context"
	"fmt"
	"strings"
)

const (
	storeDir = "/var/lib/registry"
	seedDir  = "/seed"
	seedMark = "/.complete" // the last thing that a seed gets
)

// A seed is a volume with the contents that a lab's registry starts with. Each
// lab has a copy of its own: what one test pushes, as a new "app", must never
// be what another one builds on.
type seed struct {
	volume string
	images map[string]string // name in the registry → image
}

func newSeed(tags imageTags) seed {
	images := map[string]string{
		"busybox:latest": tags.busybox, "app:latest": tags.app, "sample:latest": tags.app,
		"traefik:" + traefikTag: tags.traefik,
	}
	return seed{volume: "mrsk-lab-seed-" + shortHash(fmt.Append(nil, images)), images: images}
}

// startRegistry starts the registry, which copies the seed before it answers.
func (l *Lab) startRegistry(ctx context.Context, o Options, s starter, tags imageTags) error {
	from := newSeed(tags)
	store := storeDir
	if o.Store != "" {
		store = "mrsk-lab-registry-" + o.Store + ":" + storeDir
	}
	flags := []string{"-v", store, "-v", from.volume + ":" + seedDir + ":ro"}
	if err := s.run(ctx, l.Registry, flags, []string{"registry", from.volume}); err != nil {
		return err
	}
	if err := l.fill(ctx, from, s, o); err != nil {
		return err
	}
	return l.Registry.await(ctx, "5000")
}

// fill makes the seed if that is still to be done, as it is once per machine
// and whenever an image has changed.
func (l *Lab) fill(ctx context.Context, from seed, s starter, o Options) error {
	if l.seeded(ctx) {
		return nil
	}
	unlock, err := lockCache(o.Log)
	if err != nil {
		return err
	}
	defer unlock()
	if l.seeded(ctx) {
		return nil
	}
	fmt.Fprintln(o.Log, "lab: putting images into a registry (about 15 seconds, once)")
	s.network = "" // the engine may miscount who is on one if a part leaves while others come
	seeder := &Host{Name: "seeder", lab: l}
	flags := []string{"-v", from.volume + ":" + storeDir, "-p", "127.0.0.1::5000"}
	if err := s.start(ctx, seeder, flags, []string{"seeder"}, "5000"); err != nil {
		return err
	}
	if err := seeder.push(ctx, from.images); err != nil {
		return err
	}
	if _, err := seeder.Exec(ctx, "touch", storeDir+seedMark); err != nil {
		return err
	}
	dropOldSeeds(ctx, from.volume)
	_, err = docker(ctx, "rm", "-fv", seeder.container())
	return err
}

func (l *Lab) seeded(ctx context.Context) bool {
	_, err := l.Registry.Exec(ctx, "test", "-f", seedDir+seedMark)
	return err == nil
}

// push goes over the port that the registry has on this machine's loopback,
// which Docker trusts without TLS.
func (h *Host) push(ctx context.Context, images map[string]string) error {
	address, err := docker(ctx, "port", h.container(), "5000/tcp")
	if err != nil {
		return err
	}
	var works []func() error
	for name, image := range images {
		works = append(works, func() error { return push(ctx, image, address+"/"+name) })
	}
	return together(works...)
}

func push(ctx context.Context, image, name string) error {
	if _, err := docker(ctx, "tag", image, name); err != nil {
		return err
	}
	_, err := docker(ctx, "push", "-q", name)
	_, untagged := docker(ctx, "rmi", name)
	return firstOf(err, untagged)
}

// dropOldSeeds removes those that no lab uses: Docker refuses the others.
func dropOldSeeds(ctx context.Context, current string) {
	volumes, _ := docker(ctx, "volume", "ls", "-q", "--filter", "name=mrsk-lab-seed-")
	for volume := range strings.FieldsSeq(volumes) {
		if volume != current {
			_, _ = docker(ctx, "volume", "rm", volume)
		}
	}
}
