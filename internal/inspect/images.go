package inspect

import (
	"cmp"
	"slices"
	"strings"

	"mrsk/internal/config"
	"mrsk/internal/facts"
	"mrsk/internal/ui"
)

// Image is an image of the app on a host.
type Image struct {
	ID       string   `json:"id"`
	Versions []string `json:"versions"` // its tags
	Digests  []string `json:"digests"`
	Used     bool     `json:"used"` // by a container of the app
}

// ImagesOf are the app's images on a host.
func ImagesOf(c *config.Project, h facts.Host) []Image {
	out := []Image{}
	for _, i := range h.Images {
		used := slices.ContainsFunc(h.Containers, func(k facts.Container) bool { return k.Image == i.ID })
		out = append(out, Image{
			ID:       strings.TrimPrefix(i.ID, "sha256:")[:min(12, len(strings.TrimPrefix(i.ID, "sha256:")))],
			Versions: tags(c, i), Digests: append([]string{}, i.Digests...), Used: used,
		})
	}
	return out
}

func tags(c *config.Project, i facts.Image) []string {
	out := []string{}
	for _, t := range i.Tags {
		out = append(out, strings.TrimPrefix(t, c.Repository()+":"))
	}
	slices.Sort(out)
	return out
}

// ImageTable is images as a table.
func ImageTable(c *config.Project, images []Image) string {
	if len(images) == 0 {
		return "no images\n"
	}
	var rows [][]string
	for _, i := range images {
		used := ""
		if i.Used {
			used = "used"
		}
		rows = append(rows, []string{c.Repository(), cmp.Or(strings.Join(i.Versions, ", "), "untagged"), i.ID, used})
	}
	return ui.Table([]string{"REPOSITORY", "TAGS", "ID", ""}, rows)
}
