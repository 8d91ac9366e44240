package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
)

func buildRemoveCommand(p *program) *cobra.Command {
	return builder(p, "remove", "Remove the builder of the configuration",
		func(ctx context.Context, b *image.Build) error { return b.RemoveBuilder(ctx) })
}
