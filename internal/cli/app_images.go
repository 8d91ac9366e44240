package cli

import (
	"github.com/spf13/cobra"

	"mrsk/internal/inspect"
)

func appImagesCommand(p *program) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "images", Short: "Show the app's images on every host", Args: noArgs,
		Long:    "Show the app's images on every host: the versions that a rollback can go back to.",
		Example: "  mrsk app images\n  mrsk app images --json | jq '.[].images[].versions'",
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := p.opener.look(cmd)
			if err != nil {
				return err
			}
			seen, err := observeApp(cmd.Context(), r)
			hosts := []hostImages{}
			for _, h := range seen {
				hosts = append(hosts, hostImages{h.Name, inspect.ImagesOf(r.Scope.Project, h)})
			}
			return told(hosts, err, func(hosts []hostImages) error {
				if asJSON {
					return p.console.json(hosts)
				}
				return sections(p.console, "App", func(h hostImages) (string, string) {
					return h.Host, inspect.ImageTable(r.Scope.Project, h.Images)
				})(hosts)
			})
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

// hostImages are the images on a host.
type hostImages struct {
	Host   string          `json:"host"`
	Images []inspect.Image `json:"images"`
}
