package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
)

func buildCreateCommand(p *program) *cobra.Command {
	return builder(p, "create", "Make the builder of the configuration, where it is missing",
		func(ctx context.Context, b *image.Build) error { return b.CreateBuilder(ctx) })
}
