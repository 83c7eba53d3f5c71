// Stands for what HRM's pages need of its inner folders.
