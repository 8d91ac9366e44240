package image

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/event"
)

// builder returns the builder of the build, and creates it if it does not exist.
func (b *Build) builder(ctx context.Context) (builder, error) {
	chosen, err := b.o.Spec.builderFor(b.engine)
	if err != nil || chosen.name == "" {
		return chosen, err
	}
	usable, err := b.usable(ctx, chosen)
	if err != nil || usable {
		return chosen, err
	}
	return chosen, b.make(ctx, chosen)
}

// usable reports whether the builder exists and has the configured engines. For a builder on this
// machine, its name is proof enough.
func (b *Build) usable(ctx context.Context, chosen builder) (bool, error) {
	if chosen.remote == "" && b.o.Docker.HasBuilder(chosen.name) {
		return true, nil
	}
	for _, e := range chosen.endpoints() {
		host, err := b.runner().output(ctx, e.inspect())
		if isSilent(err) {
			return false, err
		}
		if err != nil || strings.TrimSpace(host) != e.host {
			return false, context.Cause(ctx)
		}
	}
	if chosen.engine {
		return true, nil
	}
	out, err := b.runner().output(ctx, chosen.inspect())
	switch {
	case isSilent(err):
		return false, err
	case err != nil:
		return false, context.Cause(ctx)
	}
	return chosen.equals(out), nil
}

func (b *Build) make(ctx context.Context, chosen builder) error {
	if chosen.remote != "" {
		b.o.Events(event.Note{Text: "the builder " + chosen.name + " is missing or has other settings; creating it"})
		b.tryAll(ctx, chosen.remove())
		if err := b.reach(ctx, chosen); err != nil {
			return err
		}
	}
	for _, command := range chosen.create() {
		if err := b.runner().run(ctx, "create builder "+chosen.name, command); err != nil {
			return err
		}
	}
	return nil
}

func (b *Build) reach(ctx context.Context, chosen builder) error {
	if b.o.Reach == nil {
		return nil
	}
	return b.o.Reach(ctx, chosen.remote)
}

// tryAll runs commands and ignores their failures.
func (b *Build) tryAll(ctx context.Context, commands []command) {
	for _, command := range commands {
		_, _ = b.runner().output(ctx, command)
	}
}

// CreateBuilder creates the configured buildx builder if it is missing.
func (b *Build) CreateBuilder(ctx context.Context) error {
	_, err := b.builder(ctx)
	return err
}

// RemoveBuilder removes the configured buildx builder. A builder that does not exist is no error.
func (b *Build) RemoveBuilder(ctx context.Context) error {
	chosen, err := b.o.Spec.builderFor(b.engine)
	if err != nil {
		return err
	}
	b.tryAll(ctx, chosen.remove())
	return context.Cause(ctx)
}

// Details describes the configured builder and lists docker's contexts and builders.
func (b *Build) Details(ctx context.Context) (string, error) {
	chosen, err := b.o.Spec.builderFor(b.engine)
	if err != nil {
		return "", err
	}
	text := "Builder: " + chosen.kind() + "\n"
	if b.o.Spec.Registry.Local() {
		text += b.o.Images.Usage() + "\n"
	}
	commands := []command{docker("context", "ls"), docker("buildx", "ls")}
	if chosen.pack != "" {
		commands = []command{inspectPack(chosen.pack)}
	}
	for _, command := range commands {
		out, err := b.runner().output(ctx, command)
		if err != nil {
			return "", err
		}
		text += "\n" + out
	}
	return text, nil
}

// builtDigest returns the image's digest from the metadata file of buildx. It is empty if the image was
// not pushed, since only a registry knows an image by that digest.
func (b *Build) builtDigest(metadata string) string {
	if !b.o.Spec.pushes() {
		return ""
	}
	text, err := os.ReadFile(metadata)
	if err != nil {
		return ""
	}
	var facts struct {
		Digest string `json:"containerimage.digest"`
	}
	if json.Unmarshal(text, &facts) != nil {
		return ""
	}
	return facts.Digest
}

// pushedDigest asks the engine under which digest the registry stored the image. It is empty if the
// engine does not know.
func (b *Build) pushedDigest(ctx context.Context) string {
	inspect := docker("image", "inspect", "--format", "{{json .RepoDigests}}", b.o.Spec.Names.Version)
	out, err := b.runner().output(ctx, inspect)
	if err != nil {
		return ""
	}
	var all []string
	if json.Unmarshal([]byte(out), &all) != nil {
		return ""
	}
	for _, one := range all {
		if repository, digest, ok := strings.Cut(one, "@"); ok && config.Familiar(repository) == config.Familiar(b.o.Spec.Names.Repository) {
			return digest
		}
	}
	return ""
}
