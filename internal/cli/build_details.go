package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
)

func buildDetailsCommand(p *program) *cobra.Command {
	return builder(p, "details", "Show the builder of the configuration, and the builders that docker has",
		func(ctx context.Context, b *image.Build) error {
			text, err := b.Details(ctx)
			if err != nil {
				return err
			}
			return p.console.show(text)
		})
}
