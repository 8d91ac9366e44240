package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
)

func buildCreateCommand(p *program) *cobra.Command {
	return builder(p, "create", "Create the builder of the configuration if it is missing",
		func(ctx context.Context, b *image.Build) error { return b.CreateBuilder(ctx) })
}
