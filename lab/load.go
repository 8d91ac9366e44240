package lab

import (
	"context"
	"fmt"
	"io"
)

// load puts an image of this machine's engine into the engine of a part, under another name.
func (h *Host) load(ctx context.Context, image, name string) error {
	save, load := dockerCommand(ctx, "save", image), h.Command(ctx, "docker", "load", "--quiet")
	reader, writer := io.Pipe()
	save.Stdout, load.Stdin = writer, reader
	said := &limited{}
	save.Stderr = said
	err := together(
		func() error {
			err := save.Run()
			_ = writer.CloseWithError(err)
			return err
		},
		func() error {
			_, err := output(load)
			_ = reader.CloseWithError(err)
			return err
		},
	)
	if err != nil {
		return fmt.Errorf("load image %s on %s: %w%s", name, h.Name, err, tail(said.String()))
	}
	_, err = h.Exec(ctx, "sh", "-c", `docker tag "$1" "$2" && docker rmi "$1"`, "sh", image, name)
	return err
}

// begin loads the first image of a part, in a lab without a registry.
func (h *Host) begin(ctx context.Context, o Options, image, name string) error {
	if !o.NoRegistry {
		return nil
	}
	return h.load(ctx, image, name)
}

// unneeded is the image that the lab does without, "" if it needs all.
func (o Options) unneeded(tags imageTags) string {
	if o.NoRegistry {
		return tags.seed
	}
	return ""
}
