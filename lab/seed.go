package lab

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// seeded are the images that a lab's registry begins with. Each lab has a copy of its own: what
// one test pushes, as a new "app", must never be what another one builds on.
func (tags imageTags) seeded() map[string]string {
	return map[string]string{
		"busybox:latest": tags.busybox, "app:latest": tags.app, "sample:latest": tags.app,
		"traefik:" + traefikTag: tags.traefik,
	}
}

// makeSeed makes an image of a registry that has taken the images.
func makeSeed(ctx context.Context, tag string, tags imageTags) (err error) {
	seeder := &Host{Name: "seeder", lab: newLab("x"+randomName(), nil)}
	s := starter{image: tags.parts, labels: labels(Options{Name: seeder.lab.Name})}
	defer func() { err = firstOf(err, seeder.lab.Close()) }()
	flags := []string{"-p", "127.0.0.1::5000"}
	if err := s.start(ctx, seeder, flags, []string{"seeder", tag}, "5000"); err != nil {
		return err
	}
	if err := seeder.push(ctx, tags.seeded()); err != nil {
		return err
	}
	_, err = docker(ctx, "commit", seeder.container(), tag)
	return err
}

// push goes over the port that the registry has on this machine's loopback,
// which Docker trusts without TLS.
func (h *Host) push(ctx context.Context, images map[string]string) error {
	address, err := docker(ctx, "port", h.container(), "5000/tcp")
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(images)) {
		if err := push(ctx, images[name], address+"/"+name); err != nil {
			return err
		}
	}
	return nil
}

func push(ctx context.Context, image, name string) error {
	if _, err := docker(ctx, "tag", image, name); err != nil {
		return err
	}
	_, err := docker(ctx, "push", "-q", name)
	_, untagged := docker(ctx, "rmi", name)
	return firstOf(err, untagged)
}

// startRegistry starts the registry, which copies the seed before it answers.
func (l *Lab) startRegistry(ctx context.Context, o Options, s starter, tags imageTags) error {
	if o.NoRegistry {
		return nil
	}
	store := storeDir
	if o.Store != "" {
		store = fmt.Sprintf("mrsk-lab-registry-%s:%s", o.Store, storeDir)
	}
	return s.with(tags.seed).start(ctx, l.Registry, []string{"-v", store}, []string{"registry"}, "5000")
}

const storeDir = "/var/lib/registry"
