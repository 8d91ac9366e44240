package cli

import (
	"context"

	"github.com/spf13/cobra"

	"mrsk/internal/image"
)

func (in *invocation) buildRemoveCommand() *cobra.Command {
	return in.builder("remove", "Remove the builder of the configuration",
		func(ctx context.Context, b *image.Build) error { return b.RemoveBuilder(ctx) })
}
